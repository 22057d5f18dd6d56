import type { Rule } from '../check-options.js';

/** What a source emits. */
export const someRatings: Rule = {
  expected: 'ratings; try await firstValueFrom(fromRatings(rows))',
  accepts: isRatings,
};

/** What `holdout` emits. */
export const aSplit: Rule = {
  expected: 'a split; try await firstValueFrom(ratings$.pipe(holdout({ fraction: 0.1 })))',
  accepts: isSplit,
};

/** Whether it looks like `Ratings`. */
export function isRatings(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'byUser' in value;
}

/** Whether it looks like a `RatingsSplit`. */
export function isSplit(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'train' in value && isRatings(value.train) && 'test' in value && isRatings(value.test);
}
