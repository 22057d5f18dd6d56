import type { Id } from './id-vocabulary.js';

/**
 * The id that the typed `text` means: the known id of any type with this text. An unknown id gets
 * the type of the known ids, so that the error about it is clear.
 */
export function idFromText(text: string, known: readonly Id[]): Id {
  const readings: Id[] = [text];
  if (/^-?\d+$/.test(text)) readings.push(Number(text), BigInt(text));
  else if (text.trim() !== '' && Number.isFinite(Number(text))) readings.push(Number(text));
  return (
    readings.find((id) => known.includes(id)) ??
    readings.find((id) => typeof id === typeof known[0]) ??
    text
  );
}
