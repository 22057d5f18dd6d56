import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';

/**
 * The known id with this text, of any type, or undefined: addresses and files hold text only. `01` is
 * not the number 1.
 */
export function idOfText(text: string, known: IdVocabulary): Id | undefined {
  return readings(text).find((id) => known.positionOf(id) !== undefined);
}

/** `idOfText`, or for an unknown id the one of the type that known ids have. */
export function idForText(text: string, known: IdVocabulary): Id {
  const id = idOfText(text, known);
  if (id !== undefined || known.size === 0) return id ?? text;
  const type = typeof known.at(0);
  return readings(text).find((reading) => typeof reading === type) ?? text;
}

/** An id as JSON can hold it. */
export function plainId(id: Id): string | number {
  return typeof id === 'bigint' ? String(id) : id;
}

function readings(text: string): Id[] {
  const ids: Id[] = [text];
  const number = Number(text);
  const isExact = Number.isSafeInteger(number) || !Number.isInteger(number);
  if (Number.isFinite(number) && isExact && String(number) === text) ids.push(number);
  if (/^-?[1-9]\d*$/.test(text)) ids.push(BigInt(text));
  return ids;
}
