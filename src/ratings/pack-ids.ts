import { type Id, type IdVocabulary, listedIds } from './id-vocabulary.js';
import { NumberIds } from './number-ids.js';
import { maxTextBytes, packTexts } from './packed-texts.js';
import { TextIds } from './text-ids.js';

/**
 * Distinct ids in the order given, in as little memory as their types allow: texts in one buffer,
 * numbers in a typed array, others as they are. The array is not kept, unless it has to be.
 *
 * @param ids numbers among them are finite
 */
export function packIds(ids: readonly Id[]): IdVocabulary {
  if (isNumbers(ids)) {
    // Not of −0, which is no integer of 32 bits.
    const isSmall = ids.every((id) => Object.is(id, id | 0));
    return new NumberIds(isSmall ? Int32Array.from(ids) : Float64Array.from(ids));
  }
  return fitsUtf8(ids) ? new TextIds(packTexts(ids)) : listedIds(ids);
}

function isNumbers(ids: readonly Id[]): ids is readonly number[] {
  return ids.every((id) => typeof id === 'number');
}

/** Whether all are text that UTF-8 can hold, without lone surrogates, and one buffer, too. */
function fitsUtf8(ids: readonly Id[]): ids is readonly string[] {
  let total = 0;
  for (const id of ids) {
    if (typeof id !== 'string') return false;
    const bytes = Buffer.byteLength(id);
    if (bytes > id.length && /\p{Surrogate}/u.test(id)) return false;
    total += bytes;
  }
  return total <= maxTextBytes;
}
