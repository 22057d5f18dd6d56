import { randomAt } from '../random.js';

const genreCount = 16;
const favouriteCount = 3;
/** Share of a user's choices that come from a favourite genre, independently of its popularity. */
const favouriteShare = 0.5;
/** Cumulative shares of the ratings 1 to 4; the rest is 5. */
const ratingShares = [0.06, 0.17, 0.44, 0.79] as const;

/** Items with their popularity, ordered so that a genre is a contiguous stretch. */
export interface SyntheticCatalogue {
  /** Item at each place. */
  readonly items: Uint32Array;
  /** Popularity at each place; sums to 1. */
  readonly weights: Float64Array;
  /** Genre g is the places genreStarts[g] … genreStarts[g + 1] − 1; none is empty. */
  readonly genreStarts: readonly number[];
}

/** A catalogue whose n-th most popular item weighs (1 + 100·n/items)⁻²; genres take turns. */
export function shapeCatalogue(
  itemCount: number,
  stream: number,
  seed: number,
): SyntheticCatalogue {
  const popularity = shuffled(itemCount, stream + 1, seed);
  const genres = Math.min(genreCount, itemCount);
  const items = new Uint32Array(itemCount);
  const weights = new Float64Array(itemCount);
  const genreStarts = [0];
  let sum = 0;
  let place = 0;
  for (let genre = 0; genre < genres; genre++) {
    for (let rank = genre; rank < itemCount; rank += genres) {
      items[place] = popularity[rank]!;
      weights[place] = (1 + (100 * rank) / itemCount) ** -2;
      sum += weights[place++]!;
    }
    genreStarts.push(place);
  }
  for (let at = 0; at < itemCount; at++) weights[at]! /= sum;
  return { items, weights, genreStarts };
}

/** Draws a user's distinct items, and rates them. Keeps scratch space between users. */
export class TasteSampler {
  readonly #catalogue: SyntheticCatalogue;
  readonly #seed: number;
  readonly #stream: number;
  /** Alias tables of all genres, side by side (Walker 1974, Vose 1991). */
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;
  /** Genre of each place, and popularity of each genre. */
  readonly #genres: Uint8Array;
  readonly #genreWeights: Float64Array;
  /** Places already taken by user u hold u + 1. */
  readonly #takenBy: Uint32Array;

  /** @param stream first random stream that is not a user's */
  constructor(catalogue: SyntheticCatalogue, stream: number, seed: number) {
    const { weights, genreStarts } = catalogue;
    this.#catalogue = catalogue;
    this.#seed = seed;
    this.#stream = stream;
    this.#keep = new Float64Array(weights.length);
    this.#alias = new Uint32Array(weights.length);
    this.#genres = new Uint8Array(weights.length);
    this.#genreWeights = new Float64Array(genreStarts.length - 1);
    this.#takenBy = new Uint32Array(weights.length);
    for (let genre = 0; genre + 1 < genreStarts.length; genre++) {
      const [start, end] = [genreStarts[genre]!, genreStarts[genre + 1]!];
      this.#genres.fill(genre, start, end);
      for (let at = start; at < end; at++) this.#genreWeights[genre]! += weights[at]!;
      fillAliasTable(weights, start, end, this.#keep, this.#alias);
    }
  }

  /** Fills `items` with distinct items that `user` likes to choose, and `ratings` with 1 to 5. */
  sample(user: number, items: Uint32Array, ratings: Float32Array): void {
    const favourites = this.#favouritesOf(user);
    const places =
      items.length * 4 > this.#takenBy.length
        ? this.#placesByKeys(user, items.length, favourites)
        : this.#placesByRejection(user, items, favourites);
    for (let at = 0; at < items.length; at++) {
      const place = places[at]!;
      const item = this.#catalogue.items[place]!;
      items[at] = item;
      const luck = randomAt(this.#seed ^ 0x5bd1e995, user, item);
      const isFavourite = favourites.includes(this.#genres[place]!);
      // The square root of a uniform number is distributed like the larger of two.
      ratings[at] = ratingAt(isFavourite ? Math.sqrt(luck) : luck);
    }
  }

  #favouritesOf(user: number): readonly number[] {
    return Array.from({ length: favouriteCount }, (_, n) => {
      const luck = randomAt(this.#seed, this.#stream + 2, user * favouriteCount + n);
      return Math.floor(luck * this.#genreWeights.length);
    });
  }

  #placesByRejection(
    user: number,
    places: Uint32Array,
    favourites: readonly number[],
  ): Uint32Array {
    const { genreStarts } = this.#catalogue;
    for (let taken = 0, draw = 0; taken < places.length; draw++) {
      const genre = this.#genreAt(randomAt(this.#seed, user, 2 * draw), favourites);
      const start = genreStarts[genre]!;
      const luck = randomAt(this.#seed, user, 2 * draw + 1) * (genreStarts[genre + 1]! - start);
      const slot = start + Math.floor(luck);
      const place = luck - Math.floor(luck) < this.#keep[slot]! ? slot : this.#alias[slot]!;
      if (this.#takenBy[place] === user + 1) continue;
      this.#takenBy[place] = user + 1;
      places[taken++] = place;
    }
    return places;
  }

  #genreAt(luck: number, favourites: readonly number[]): number {
    if (luck < favouriteShare) {
      return favourites[Math.floor((luck / favouriteShare) * favouriteCount)]!;
    }
    let left = (luck - favouriteShare) / (1 - favouriteShare);
    const last = this.#genreWeights.length - 1;
    for (let genre = 0; genre < last; genre++) {
      left -= this.#genreWeights[genre]!;
      if (left < 0) return genre;
    }
    return last;
  }

  /**
   * Equals `#placesByRejection` in distribution, at a cost that does not depend on `count`: the
   * smallest of exponential times with the places' rates (Efraimidis and Spirakis 2006).
   */
  #placesByKeys(user: number, count: number, favourites: readonly number[]): number[] {
    const times = this.#catalogue.weights.map((weight, place) => {
      const genre = this.#genres[place]!;
      const liked = favourites.filter((favourite) => favourite === genre).length / favouriteCount;
      const boost = (favouriteShare * liked) / this.#genreWeights[genre]! + (1 - favouriteShare);
      return -Math.log(1 - randomAt(this.#seed, user, place)) / (weight * boost);
    });
    const places = Array.from(times, (_, place) => place);
    return places.sort((a, b) => times[a]! - times[b]! || a - b).slice(0, count);
  }
}

function ratingAt(luck: number): number {
  let rating = 1;
  for (const share of ratingShares) if (luck >= share) rating++;
  return rating;
}

function fillAliasTable(
  weights: Float64Array,
  start: number,
  end: number,
  keep: Float64Array,
  alias: Uint32Array,
): void {
  let sum = 0;
  for (let at = start; at < end; at++) sum += weights[at]!;
  const small: number[] = [];
  const large: number[] = [];
  for (let at = start; at < end; at++) {
    keep[at] = (weights[at]! * (end - start)) / sum;
    alias[at] = at;
    (keep[at]! < 1 ? small : large).push(at);
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!;
    const rich = large.at(-1)!;
    alias[poor] = rich;
    keep[rich]! -= 1 - keep[poor]!;
    if (keep[rich]! < 1) small.push(large.pop()!);
  }
  for (const at of [...small, ...large]) keep[at] = 1;
}

function shuffled(length: number, stream: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at--) {
    const other = Math.floor(randomAt(seed, stream, at) * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
