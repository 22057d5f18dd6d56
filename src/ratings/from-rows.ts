import { Arena } from '../arena.js';
import { InvalidOptionError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { copyRatings, copyTimestamps } from './from-columns.js';
import { checkId, type Id, listedIds } from './id-vocabulary.js';
import { resolveDuplicates } from './merge-duplicates.js';
import type { DuplicatesPolicy, Ratings, Side } from './ratings.js';

/** One rating as the caller knows it. Ids of different types are different: 1 is not '1'. */
export interface RatingRow {
  readonly user: Id;
  readonly item: Id;
  /** Finite, default 1. */
  readonly rating?: number | undefined;
  /** When: a number in any unit, or a date, which becomes Unix seconds. */
  readonly timestamp?: number | Date | undefined;
}

/**
 * Ratings of rows with ids of any kind; positions are in order of first appearance.
 * Timestamps are kept if any row has one.
 * Throws `InvalidOptionError`, `InvalidIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function ratingsFromRows(
  rows: Iterable<RatingRow>,
  options: { readonly duplicates?: DuplicatesPolicy | undefined } = {},
): Ratings {
  const duplicates = resolveDuplicates(options.duplicates);
  if (typeof (rows as Partial<Iterable<RatingRow>> | null)?.[Symbol.iterator] !== 'function') {
    throw new InvalidOptionError(
      'rows',
      rows,
      'an iterable of { user, item, rating?, timestamp? }',
    );
  }
  const userPositions = new Map<Id, number>();
  const itemPositions = new Map<Id, number>();
  const users: number[] = [];
  const items: number[] = [];
  const ratings: unknown[] = [];
  const timestamps: unknown[] = [];
  let isTimed = false;
  for (const row of rows) {
    users.push(positionOf(row.user, userPositions, 'user', users.length));
    items.push(positionOf(row.item, itemPositions, 'item', items.length));
    ratings.push(row.rating === undefined ? 1 : row.rating);
    if (row.timestamp !== undefined) isTimed = true;
    timestamps.push(timeOf(row.timestamp));
  }
  const arena = new Arena();
  const entries = {
    users: arena.uint32(users.length),
    items: arena.uint32(users.length),
    ratings: copyRatings(ratings, arena.float32(users.length)),
    ...(isTimed && { timestamps: copyTimestamps(timestamps, arena.float64(users.length)) }),
  };
  entries.users.set(users);
  entries.items.set(items);
  return buildRatings({
    arena,
    ...entries,
    userIds: listedIds([...userPositions.keys()]),
    itemIds: listedIds([...itemPositions.keys()]),
    duplicates,
  });
}

/** A timestamp as a number: dates as Unix seconds, −Infinity where there is none. */
function timeOf(timestamp: unknown): unknown {
  if (timestamp === undefined) return Number.NEGATIVE_INFINITY;
  return timestamp instanceof Date ? timestamp.getTime() / 1000 : timestamp;
}

function positionOf(id: Id, positions: Map<Id, number>, side: Side, entry: number): number {
  const known = positions.get(id);
  if (known !== undefined) return known;
  checkId(id, side, entry);
  positions.set(id, positions.size);
  return positions.size - 1;
}
