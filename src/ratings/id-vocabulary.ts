import { describe, InvalidIdError } from '../errors.js';

/** An id as the caller knows it. Integers beyond ±2⁵³ are bigints. */
export type Id = string | number | bigint;

/** The ids of one side: position ↔ id. */
export interface IdVocabulary {
  readonly size: number;
  /** Id at a position, 0 ≤ position < size. */
  at(position: number): Id;
  /** Position of an id, or undefined if it is not in the vocabulary. */
  positionOf(id: Id): number | undefined;
}

/** The ids 0 … size − 1, which are their own positions. */
export function denseIds(size: number): IdVocabulary {
  return {
    size,
    at: (position) => position,
    positionOf: (id) =>
      // −0 is position 0.
      typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size ? id + 0 : undefined,
  };
}

/**
 * Distinct ids in the order given; position 0 is the first.
 * The table for `positionOf` is built at its first use, so training never pays for it.
 */
export function listedIds(ids: readonly Id[]): IdVocabulary {
  let positions: Map<Id, number> | undefined;
  return {
    size: ids.length,
    at: (position) => ids[position]!,
    positionOf(id) {
      positions ??= new Map(ids.map((known, position) => [known, position]));
      return positions.get(id);
    },
  };
}

/** Ids followed by further ones, which are not among them; positions of the first stay. */
export function appendedIds(ids: IdVocabulary, more: readonly Id[]): IdVocabulary {
  if (more.length === 0) return ids;
  // Appending again and again must not make a chain of vocabularies.
  const base = ids instanceof AppendedIds ? ids.base : ids;
  const before = ids instanceof AppendedIds ? ids.more : [];
  return new AppendedIds(base, [...before, ...more]);
}

class AppendedIds implements IdVocabulary {
  readonly base: IdVocabulary;
  readonly more: readonly Id[];
  readonly size: number;
  readonly #appended: IdVocabulary;

  constructor(base: IdVocabulary, more: readonly Id[]) {
    this.base = base;
    this.more = more;
    this.size = base.size + more.length;
    this.#appended = listedIds(more);
  }

  at(position: number): Id {
    const { base } = this;
    return position < base.size ? base.at(position) : this.#appended.at(position - base.size);
  }

  positionOf(id: Id): number | undefined {
    const known = this.base.positionOf(id);
    if (known !== undefined) return known;
    const appended = this.#appended.positionOf(id);
    return appended === undefined ? undefined : this.base.size + appended;
  }
}

/**
 * Throws `InvalidIdError` unless it is a string, a bigint or a finite number; a number cannot
 * distinguish an integer beyond ±2⁵³ from its neighbours.
 *
 * @param entry where it was found, for the message; undefined where that is clear
 */
export function checkId(id: unknown, side: 'user' | 'item', entry?: number): void {
  if (typeof id === 'string' || typeof id === 'bigint') return;
  const isNumber = typeof id === 'number' && Number.isFinite(id);
  if (isNumber && (Number.isSafeInteger(id) || !Number.isInteger(id))) return;
  throw new InvalidIdError(
    `${side} id ${describe(id)}${entry === undefined ? '' : ` at entry ${entry}`}`,
    isNumber
      ? 'an integer below 2⁵³, which a number holds exactly'
      : 'a string, a number or a bigint',
    isNumber ? 'try a string or a bigint, read as such from the start' : advise(id, side),
  );
}

function advise(id: unknown, side: 'user' | 'item'): string {
  const named = typeof id === 'object' && id !== null && `${side}Id` in id;
  return named ? `try its ${side}Id` : 'try leaving it out';
}
