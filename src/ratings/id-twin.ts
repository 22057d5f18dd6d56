import { describe, InvalidIdError } from '../errors.js';
import type { Id, IdVocabulary } from './id-vocabulary.js';
import type { Side } from './ratings.js';

/**
 * The known id that looks like an unknown one but has another type, such as `12` for `'12'`: the
 * caller means this one. Undefined if there is none. Ids of different types are different, so a
 * lookup misses it.
 */
export function twinOf(id: unknown, ids: IdVocabulary): Id | undefined {
  return otherTypes(id).find((other) => ids.positionOf(other) !== undefined);
}

/** `; try 12, a number and no string`; empty without a twin. */
export function adviseTwin(id: unknown, twin: Id | undefined): string {
  if (twin === undefined) return '';
  return `; try ${describe(twin)}, a ${typeof twin} and no ${typeof id}`;
}

/**
 * Refuses an id that would become a new one beside a known one that differs in its type only.
 * Throws `InvalidIdError`.
 *
 * @param where the id was found, in words
 */
export function refuseTwin(side: Side, id: Id, known: IdVocabulary, where: string): void {
  const twin = twinOf(id, known);
  if (twin === undefined) return;
  throw new InvalidIdError(
    `${side} ${describe(id)} ${where}, a ${typeof id}`,
    `ids of the types that are known, such as ${describe(twin)}, a ${typeof twin}`,
    `try ${callOf(twin)}`,
  );
}

function callOf(twin: Id): string {
  if (typeof twin === 'string') return 'String(id)';
  return typeof twin === 'number' ? 'Number(id)' : 'BigInt(id)';
}

/** The ids that look like this one but have another type. */
function otherTypes(id: unknown): Id[] {
  if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') return [];
  const text = String(id).trim();
  const others: Id[] = [text];
  if (/^[+-]?\d+$/.test(text)) others.push(BigInt(text.replace('+', '')));
  const number = Number(text);
  const isExact = Number.isSafeInteger(number) || !Number.isInteger(number);
  if (/^[+-]?\d+(\.\d*)?$/.test(text) && isExact) others.push(number);
  return others.filter((other) => typeof other !== typeof id);
}
