import { sha256 } from '../digest.js';
import type { IdVocabulary } from './id-vocabulary.js';
import type { Ratings, RatingsOutline } from './ratings.js';
import { entryCount } from './sparse-rows.js';

/** Ids that are joined to one text before it is hashed. */
const idsAtATime = 65_536;

/**
 * SHA-256 of all that training reads of ratings: which user rated which item how much, bit for bit,
 * how rows are numbered, and the ids in the order of their positions. Equal for equal ratings in
 * any process on any machine.
 *
 * It depends on the order of a source's rows only where the ratings do: ids that are numbered as
 * they appear, and the `last` of duplicates without timestamps. Timestamps, and what duplicates were
 * merged from, are not covered. About a second for 10⁹ bytes; the event loop turns in between.
 */
export async function fingerprintRatings(ratings: Ratings): Promise<string> {
  const { columns, ratings: values } = ratings.byUser;
  return fingerprintOutline(ratings, await sha256([columns]), await sha256([values]));
}

/**
 * The fingerprint of ratings whose entries were hashed elsewhere.
 *
 * @param columns SHA-256 of `byUser.columns`
 * @param ratings SHA-256 of `byUser.ratings`
 */
export function fingerprintOutline(
  outline: RatingsOutline,
  columns: string,
  ratings: string,
): Promise<string> {
  return sha256(partsOf(outline, columns, ratings));
}

/** `byItem` is not among them: it is `byUser` transposed. */
function* partsOf(
  { byUser, users, items }: RatingsOutline,
  columns: string,
  ratings: string,
): Generator<ArrayBufferView> {
  const { rowCount, columnCount, offsets } = byUser;
  yield Float64Array.of(rowCount, columnCount, entryCount(byUser));
  yield offsets;
  yield Buffer.from(`${columns} ${ratings}`);
  for (const { positions, ids } of [users, items]) {
    yield positions;
    yield* idBytes(ids);
  }
}

/** Strings quoted, bigints with an n: no two lists of ids give the same text. */
function* idBytes(ids: IdVocabulary): Generator<Uint8Array> {
  for (let first = 0; first < ids.size; first += idsAtATime) {
    let text = '';
    for (let at = first; at < Math.min(first + idsAtATime, ids.size); at++) {
      const id = ids.at(at);
      if (typeof id === 'string') text += `${JSON.stringify(id)}\n`;
      else text += typeof id === 'bigint' ? `${id}n\n` : `${id}\n`;
    }
    yield Buffer.from(text);
  }
}
