import { InvalidOptionError } from '../errors.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import { bestItems, checkCount, type ItemFilter, itemFilter } from './item-filter.js';
import type { ModelSettings } from './model-settings.js';
import { positionOf } from './position-of.js';
import { createRankingJob, type RankingJob, rankInPlace } from './ranking-job.js';
import type {
  RecommendAllOptions,
  Recommendation,
  Recommender,
  RecommendOptions,
  SimilarOptions,
  SimilarUser,
  UserRecommendations,
} from './recommender.js';
import { scoreItems } from './score-items.js';
import { type ScoringRows, scoringRows } from './scoring-rows.js';
import { type SeenRatings, seenItems } from './seen-ratings.js';
import { rowNorms, similarRows } from './similar-rows.js';

/** What a model is made of. The model owns the arrays from then on. */
export interface ModelParts {
  readonly rank: number;
  /** Row-major, users.size × rank, in the order of positions. */
  readonly userFactors: Float32Array;
  /** Row-major, items.size × rank, in the order of positions. */
  readonly itemFactors: Float32Array;
  /** b_u by position and b_i by position: both, or neither in a model without biases. */
  readonly userBiases?: Float32Array | undefined;
  readonly itemBiases?: Float32Array | undefined;
  /** μ. Default 0. */
  readonly globalMean?: number | undefined;
  readonly users: IdVocabulary;
  readonly items: IdVocabulary;
  /** Called when the ratings are first needed; may be slow once. */
  readonly seen: () => SeenRatings;
  readonly settings: ModelSettings;
}

/**
 * A trained model: the factors of both sides, how rows are called, and what users rated.
 *
 * The score of a user for an item is x·y, the product of their rows, rounded to float32. With
 * explicit feedback a model may have a mean and biases, and the score is μ + b_u + b_i + x·y: a
 * prediction of the rating.
 *
 * Rows that had no ratings in training are zero, and so are their biases. Such a user gets the items
 * in the order of their biases, without biases in the order of `itemIds`.
 */
export class FactorModel implements Recommender {
  readonly rank: number;
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  /** b_u by position; undefined in a model without biases. */
  readonly userBiases: Float32Array | undefined;
  /** b_i by position; undefined in a model without biases. */
  readonly itemBiases: Float32Array | undefined;
  /** μ, part of every score; 0 unless the model was trained with it. */
  readonly globalMean: number;
  readonly settings: ModelSettings;
  readonly #parts: ModelParts;
  #userIds: readonly Id[] | undefined;
  #itemIds: readonly Id[] | undefined;
  #seen: SeenRatings | undefined;
  #scoringUsers: ScoringRows | undefined;
  #scoringItems: ScoringRows | undefined;
  #userNorms: Float64Array | undefined;
  #itemNorms: Float64Array | undefined;
  #scores: Float32Array | undefined;

  constructor(parts: ModelParts) {
    this.rank = parts.rank;
    this.userFactors = parts.userFactors;
    this.itemFactors = parts.itemFactors;
    this.userBiases = parts.userBiases;
    this.itemBiases = parts.itemBiases;
    this.globalMean = parts.globalMean ?? 0;
    this.settings = parts.settings;
    this.#parts = parts;
  }

  /** Ids of the rows of `userFactors`. */
  get userIds(): readonly Id[] {
    this.#userIds ??= idList(this.#parts.users);
    return this.#userIds;
  }

  /** Ids of the rows of `itemFactors`. */
  get itemIds(): readonly Id[] {
    this.#itemIds ??= idList(this.#parts.items);
    return this.#itemIds;
  }

  /** What users rated in training. */
  get seen(): SeenRatings {
    this.#seen ??= this.#parts.seen();
    return this.#seen;
  }

  /**
   * Items for a user, best first, ties by row. Never padded: fewer candidates, fewer results.
   * Throws `UnknownIdError` or `InvalidOptionError`.
   */
  recommend(userId: Id, options: RecommendOptions = {}): Recommendation[] {
    const { users, items } = this.#parts;
    return this.#recommend(positionOf('user', userId, users), itemFilter(options, items));
  }

  /**
   * `recommend` for every user or those of `users`, in their order: the same lists to the last bit,
   * some ten times faster than one by one. Made in blocks, each when its first list is asked for.
   */
  *recommendAll(options: RecommendAllOptions = {}): Generator<UserRecommendations> {
    yield* rankInPlace(this.prepareRanking(options, { slots: 1, windows: 1 }));
  }

  /**
   * The work of `recommendAll` as tasks for threads; the stage of that name runs them.
   * Throws `UnknownIdError` or `InvalidOptionError`.
   *
   * @internal
   */
  prepareRanking(
    options: RecommendAllOptions,
    room: { readonly slots: number; readonly windows: number },
  ): RankingJob {
    const { users, items } = this.#parts;
    const filter = itemFilter(options, items);
    const { width, rows } = this.#itemRows;
    const input = {
      rank: width,
      userFactors: this.#userRows.rows,
      itemFactors: rows,
      itemNorms: rowNorms(rows, width),
      users,
      items,
      filter,
      seen: () => this.seen,
      positions: userPositions(options.users, users),
    };
    return createRankingJob(input, room);
  }

  /**
   * The items nearest to an item by cosine similarity of their factors, best first, without the item
   * itself. Biases do not count: they say how well liked an item is, not by whom. Items that nobody rated have no direction: they are similar to nothing.
   */
  similarItems(itemId: Id, { count = 10 }: SimilarOptions = {}): Recommendation[] {
    checkCount('count', count);
    const { items } = this.#parts;
    const position = positionOf('item', itemId, items);
    this.#itemNorms ??= rowNorms(this.itemFactors, this.rank);
    return similarRows(position, this.itemFactors, this.#itemNorms, count).map(
      ({ position, score }) => ({ itemId: items.at(position), score }),
    );
  }

  /** The users nearest to a user; see `similarItems`. */
  similarUsers(userId: Id, { count = 10 }: SimilarOptions = {}): SimilarUser[] {
    checkCount('count', count);
    const { users } = this.#parts;
    const position = positionOf('user', userId, users);
    this.#userNorms ??= rowNorms(this.userFactors, this.rank);
    return similarRows(position, this.userFactors, this.#userNorms, count).map(
      ({ position, score }) => ({ userId: users.at(position), score }),
    );
  }

  /** Score of one item for one user: the same number that `recommend` gives. */
  predict(userId: Id, itemId: Id): number {
    const user = positionOf('user', userId, this.#parts.users);
    const item = positionOf('item', itemId, this.#parts.items);
    const score = new Float32Array(1);
    const { width, rows } = this.#itemRows;
    scoreItems(row(this.#userRows, user), row({ width, rows }, item), width, score);
    return score[0]!;
  }

  /**
   * Scores of all items for one user, in the order of `itemIds`: the numbers that `predict` gives.
   * Throws `UnknownIdError`.
   *
   * @param out written into and returned if given; itemIds.length long
   */
  scores(userId: Id, out = new Float32Array(this.#parts.items.size)): Float32Array {
    const user = positionOf('user', userId, this.#parts.users);
    const { width, rows } = this.#itemRows;
    scoreItems(row(this.#userRows, user), rows, width, out);
    return out;
  }

  /**
   * Writes the model into a directory, which is made if it is not there; see `saveModel`.
   * A model that lies there is replaced as a whole or not at all.
   */
  async save(path: string): Promise<void> {
    // Loaded when called: models come before files, and most models are never saved.
    const { saveModel } = await import('../io/save-model.js');
    await saveModel(this, path);
  }

  #recommend(user: number, filter: ItemFilter): Recommendation[] {
    const { items } = this.#parts;
    this.#scores ??= new Float32Array(items.size);
    const { width, rows } = this.#itemRows;
    scoreItems(row(this.#userRows, user), rows, width, this.#scores);
    const seen = filter.filterSeen ? seenItems(this.seen, user) : [];
    return bestItems(this.#scores, items, seen, filter);
  }

  /** Made when first needed: a model that is only saved needs no second copy of its rows. */
  get #userRows(): ScoringRows {
    const { userFactors: factors, userBiases: biases, rank, globalMean } = this;
    this.#scoringUsers ??= scoringRows('user', { factors, biases }, rank, globalMean);
    return this.#scoringUsers;
  }

  get #itemRows(): ScoringRows {
    const { itemFactors: factors, itemBiases: biases, rank, globalMean } = this;
    this.#scoringItems ??= scoringRows('item', { factors, biases }, rank, globalMean);
    return this.#scoringItems;
  }
}

function row({ rows, width }: ScoringRows, position: number): Float32Array {
  return rows.subarray(position * width, (position + 1) * width);
}

/** Positions of these users, or of all. */
function userPositions(wanted: Iterable<Id> | undefined, users: IdVocabulary): Uint32Array {
  if (wanted === undefined) return Uint32Array.from({ length: users.size }, (_, at) => at);
  // A string is an iterable of characters, which nobody means.
  if (typeof wanted === 'string' || typeof wanted[Symbol.iterator] !== 'function') {
    throw new InvalidOptionError('users', wanted, 'an iterable of user ids');
  }
  return Uint32Array.from(wanted, (id) => positionOf('user', id, users));
}

function idList(ids: IdVocabulary): readonly Id[] {
  return Array.from({ length: ids.size }, (_, position) => ids.at(position));
}
