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
      typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size ? id : undefined,
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
