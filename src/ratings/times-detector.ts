import { InvalidRatingError } from '../errors.js';

/** Units in which times are counted since 1970, and how many of them a second has. */
const units = [
  { name: 'seconds', perSecond: 1 },
  { name: 'milliseconds', perSecond: 1e3 },
  { name: 'microseconds', perSecond: 1e6 },
] as const;

/** Unix seconds of 1990 and of 2040: times of interactions lie in between. */
const firstSecond = Date.UTC(1990, 0) / 1000;
const lastSecond = Date.UTC(2040, 0) / 1000;

/**
 * Largest share of ratings that are not times where the others are, such as zeros for unknown
 * times.
 */
const strangerShare = 0.02;

/** Times that ratings look like. */
export interface TimesFound {
  readonly unit: 'seconds' | 'milliseconds' | 'microseconds';
  /** Smallest and largest of the ratings that are times. */
  readonly least: number;
  readonly most: number;
}

/**
 * Whether nearly all ratings lie where the times of interactions do, 1990 to 2040, in one unit. Counts,
 * sums of money and sizes of files reach these numbers, but spread over more than a factor of four.
 *
 * Batches are added in turn; reading ends early with ratings that are not times.
 */
export class TimesDetector {
  readonly #counts = units.map(() => 0);
  readonly #least = units.map(() => Number.POSITIVE_INFINITY);
  readonly #most = units.map(() => 0);
  readonly #expected: number;
  #seen = 0;
  /** Ratings that are times in no unit. */
  #strangers = 0;

  /** @param expected how many ratings there are in all, at least */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Adds ratings. */
  add(ratings: Float32Array): void {
    for (const rating of ratings) {
      if (this.#strangers > strangerShare * this.#expected) return;
      this.#seen++;
      const unit = rating < firstSecond ? -1 : unitOf(rating);
      if (unit < 0) {
        this.#strangers++;
        continue;
      }
      this.#counts[unit]!++;
      this.#least[unit] = Math.min(this.#least[unit]!, rating);
      this.#most[unit] = Math.max(this.#most[unit]!, rating);
    }
  }

  /** What the ratings look like; undefined for ratings that are not times. */
  found(): TimesFound | undefined {
    if (this.#strangers > strangerShare * this.#expected) return undefined;
    const enough = (1 - strangerShare) * this.#seen;
    const unit = this.#counts.findIndex((count) => count > 0 && count >= enough);
    if (unit < 0) return undefined;
    return { unit: units[unit]!.name, least: this.#least[unit]!, most: this.#most[unit]! };
  }
}

/** In which unit a number is a time between 1990 and 2040; −1 if in none. */
function unitOf(rating: number): number {
  return units.findIndex(
    ({ perSecond }) => rating >= firstSecond * perSecond && rating <= lastSecond * perSecond,
  );
}

/** What the ratings look like; undefined for ratings that are not times. */
export function timesIn(ratings: Float32Array): TimesFound | undefined {
  const detector = new TimesDetector(ratings.length);
  detector.add(ratings);
  return detector.found();
}

/**
 * Throws `InvalidRatingError` for ratings that are times.
 *
 * @param remedy what to try where they come from
 */
export function refuseTimes(times: TimesFound | undefined, remedy: string): void {
  if (times === undefined) return;
  const { least, most, unit } = times;
  throw new InvalidRatingError(
    `ratings from ${least} to ${most}, which are ${unit} since 1970: is this a time?`,
    'how much or how often, as 1 to 5 or a count',
    `try ${remedy}; if these are ratings after all, divide all of them by 1e6`,
  );
}
