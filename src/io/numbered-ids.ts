import { InvalidIdError } from '../errors.js';
import { type Id, type IdVocabulary, listedIds } from '../ratings/id-vocabulary.js';
import { maxTextBytes, PackedTexts } from '../ratings/packed-texts.js';
import type { Side } from '../ratings/ratings.js';
import { TextIds } from '../ratings/text-ids.js';
import type { Database } from './database.js';
import type { FoundSource } from './entry-tables.js';

/** Makes the tables `users` and `items`: ids by falling count of their entries, ties by the ids. */
export async function numberRows(database: Database, { relation }: FoundSource): Promise<void> {
  for (const side of ['user', 'item'] as const) {
    await database.run(
      `CREATE TEMP TABLE ${side}_counts AS ` +
        `SELECT ${side}_id AS key, count(*) AS n FROM entries GROUP BY 1`,
    );
    const [{ whole } = { whole: false }] = relation.isCsv
      ? await database.rows(
          `SELECT bool_and(coalesce(TRY_CAST(key AS HUGEINT)::VARCHAR = key, false)) AS whole ` +
            `FROM ${side}_counts`,
        )
      : [];
    await database.run(
      `CREATE TEMP TABLE ${side}s AS ` +
        `SELECT key, ${whole ? 'key::HUGEINT' : 'key'} AS id, n::UINTEGER AS n ` +
        `FROM ${side}_counts ORDER BY n DESC, id`,
    );
    await database.run(`DROP TABLE ${side}_counts`);
  }
}

/**
 * The ids of a side that has been numbered. Throws `InvalidIdError` for text of more than 4 GiB.
 */
export async function readIds(database: Database, side: Side): Promise<IdVocabulary> {
  const [{ type } = { type: null }] = await database.rows(
    `SELECT typeof(id) AS type FROM ${side}s LIMIT 1`,
  );
  if (type === 'VARCHAR') return new TextIds(await readTexts(database, side));
  const ids = await database.column(`SELECT id FROM ${side}s ORDER BY rowid`);
  return listedIds(ids.map(idOf));
}

/** Rows that are sorted at once: DuckDB needs memory for no more. */
const rowsAtATime = 2 ** 17;

/** Bytes of text that DuckDB joins at once, unless one text alone has more. */
const bytesAtATime = 2 ** 21;

/** The ids' text as DuckDB has it, joined there: no string is made of one. */
async function readTexts(database: Database, side: Side): Promise<PackedTexts> {
  const [{ size } = { size: 0 }] = await database.rows(`SELECT count(*) AS size FROM ${side}s`);
  const offsets = new Uint32Array(Number(size) + 1);
  let total = 0;
  for (let first = 0, row = 0; first + 1 < offsets.length; first += rowsAtATime) {
    const lengths = await database.numbers(
      `SELECT strlen(id)::UINTEGER FROM ${side}s ` +
        `WHERE rowid >= ${first} AND rowid < ${first + rowsAtATime} ORDER BY rowid`,
    );
    await lengths.fetch(([bytes], count) => {
      for (let at = 0; at < count; at++) {
        total += bytes![at]!;
        offsets[++row] = total;
      }
    });
    if (total > maxTextBytes) {
      throw new InvalidIdError(
        `${side} ids of more than 4 GiB of text together`,
        'less than 4 GiB',
        'try shorter ones, such as numbers',
      );
    }
  }
  const texts = Buffer.allocUnsafeSlow(total);
  for (let first = 0, end = 0; first + 1 < offsets.length; first = end) {
    end = first + 1;
    while (end + 1 < offsets.length && offsets[end + 1]! - offsets[first]! <= bytesAtATime) end++;
    const [{ joined } = { joined: null }] = await database.rows(
      `SELECT encode(string_agg(id, '' ORDER BY rowid)) AS joined FROM ${side}s ` +
        `WHERE rowid >= ${first} AND rowid < ${end}`,
    );
    // What is encoded is a BLOB.
    texts.set(joined as Uint8Array, offsets[first]!);
  }
  return new PackedTexts(texts, offsets);
}

/** How many entries each row of a side that has been numbered has, duplicates too. */
export async function readCounts(database: Database, side: Side): Promise<Uint32Array> {
  const [{ size } = { size: 0 }] = await database.rows(`SELECT count(*) AS size FROM ${side}s`);
  const counts = new Uint32Array(Number(size));
  let to = 0;
  const numbers = await database.numberStream(`SELECT n FROM ${side}s ORDER BY rowid`);
  await numbers.fetch(([values], count) => {
    for (let at = 0; at < count; at++) counts[to++] = values![at]!;
  });
  return counts;
}

function idOf(id: unknown): Id {
  if (typeof id !== 'bigint') return typeof id === 'number' ? id : String(id);
  return id >= Number.MIN_SAFE_INTEGER && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}
