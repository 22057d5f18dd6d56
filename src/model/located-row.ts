import { InvalidOptionError } from '../errors.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { FoldedItem, FoldedUser } from './folded-row.js';
import type { ModelSide } from './model-side.js';
import { scoringRows } from './ranking/scoring-rows.js';
import type { RowEntries } from './row-entries.js';
import { type SeenRatings, seenEntries } from './seen-ratings.js';

/** A row of a model, or a folded-in row. */
export interface LocatedRow {
  /** Where it is in the model; undefined if it was folded in. */
  readonly position: number | undefined;
  /** `rank` elements. */
  readonly factors: Float32Array;
  /** The row whose product with one of the other side's is the score. */
  readonly scoring: Float32Array;
}

/** A user's row, and what it rated. */
export interface LocatedUser extends LocatedRow {
  /** @param seen called for users of the model only */
  readonly entries: (seen: () => SeenRatings) => RowEntries;
}

/** Throws `UnknownIdError`, or `InvalidOptionError` for a row of another model's rank. */
export function userRow(user: Id | FoldedUser, users: ModelSide, items: ModelSide): LocatedUser {
  if (typeof user === 'object') {
    const located = foldedRow(user, users);
    const { ratings } = user;
    // An item may be unknown here if the row comes from a model with more items.
    const known = ratings.filter(({ item }) => items.ids.positionOf(item) !== undefined);
    return {
      ...located,
      entries: () => ({
        positions: Uint32Array.from(known, ({ item }) => items.ids.positionOf(item)!),
        ratings: Float32Array.from(known, ({ rating }) => rating),
      }),
    };
  }
  const position = users.positionOf(user);
  return { ...storedRow(position, users), entries: (seen) => seenEntries(seen(), position) };
}

/** Throws `UnknownIdError`, or `InvalidOptionError` for a row of another model's rank. */
export function itemRow(item: Id | FoldedItem, items: ModelSide): LocatedRow {
  return typeof item === 'object'
    ? foldedRow(item, items)
    : storedRow(items.positionOf(item), items);
}

function storedRow(position: number, side: ModelSide): LocatedRow {
  return {
    position,
    factors: side.rowAt(position).factors,
    scoring: side.scoringRow(position),
  };
}

function foldedRow(
  row: FoldedUser | FoldedItem,
  { side, settings, biases, globalMean }: ModelSide,
) {
  const { rank } = settings;
  if (row?.side !== side || row.factors?.length !== rank || !Array.isArray(row.ratings)) {
    throw new InvalidOptionError(side, row, `an id or a folded-in ${side} of rank ${rank}`);
  }
  const factors = Float32Array.from(row.factors);
  const own = { factors, biases: biases && Float32Array.of(row.bias) };
  return { position: undefined, factors, scoring: scoringRows(side, own, rank, globalMean).rows };
}
