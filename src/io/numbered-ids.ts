import { InvalidIdError } from '../errors.js';
import { type Id, type IdVocabulary, listedIds } from '../ratings/id-vocabulary.js';
import { NumberIds } from '../ratings/number-ids.js';
import { maxTextBytes, PackedTexts } from '../ratings/packed-texts.js';
import type { Side } from '../ratings/ratings.js';
import { TextIds } from '../ratings/text-ids.js';
import type { Database } from './database.js';
import type { FoundSource } from './entry-tables.js';

/**
 * Makes the tables `users` and `items`, keys by falling count of their entries, ties by the ids; and the
 * views `user_ids` and `item_ids`, which say what ids the keys are.
 */
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
    const id = whole ? 'key::HUGEINT' : 'key';
    await database.run(
      `CREATE TEMP TABLE ${side}s AS ` +
        `SELECT key, n::UINTEGER AS n FROM ${side}_counts ORDER BY n DESC, ${id}`,
    );
    await database.run(
      `CREATE TEMP VIEW ${side}_ids AS SELECT rowid AS row, ${id} AS id, n FROM ${side}s`,
    );
    await database.run(`DROP TABLE ${side}_counts`);
  }
}

/**
 * The ids of a side that has been numbered. Throws `InvalidIdError` for text of more than 4 GiB.
 */
export async function readIds(database: Database, side: Side): Promise<IdVocabulary> {
  const [{ type, size } = { type: null, size: 0 }] = await database.rows(
    `SELECT any_value(typeof(id)) AS type, count(*) AS size FROM ${side}_ids`,
  );
  if (type === 'VARCHAR') return new TextIds(await readTexts(database, side, Number(size)));
  const limit = Number.MAX_SAFE_INTEGER;
  const [{ isSmall, isSafe } = { isSmall: null, isSafe: null }] = await database.rows(
    `SELECT min(id) >= -(2 ** 31) AND max(id) < 2 ** 31 AS isSmall, ` +
      `min(id) >= -${limit} AND max(id) <= ${limit} AS isSafe FROM ${side}_ids`,
  );
  if (isSafe === true) {
    const ids = isSmall === true ? new Int32Array(Number(size)) : new Float64Array(Number(size));
    await readNumbers(database, side, 'id::DOUBLE', ids);
    return new NumberIds(ids);
  }
  const ids = await database.column(`SELECT id FROM ${side}_ids ORDER BY row`);
  return listedIds(ids.map(idOf));
}

/** How many entries each row of a side that has been numbered has, duplicates too. */
export async function readCounts(database: Database, side: Side): Promise<Uint32Array> {
  const [{ size } = { size: 0 }] = await database.rows(`SELECT count(*) AS size FROM ${side}s`);
  const counts = new Uint32Array(Number(size));
  await readNumbers(database, side, 'n', counts);
  return counts;
}

/** Rows that are sorted at once: DuckDB needs memory for no more. */
const rowsAtATime = 2 ** 17;

/** A number of each row of a side, in their order. */
async function readNumbers(
  database: Database,
  side: Side,
  expression: string,
  out: Uint32Array | Int32Array | Float64Array,
): Promise<void> {
  let row = 0;
  while (row < out.length) {
    const numbers = await database.numbers(
      `SELECT ${expression} FROM ${side}_ids ` +
        `WHERE row >= ${row} AND row < ${row + rowsAtATime} ORDER BY row`,
    );
    await numbers.fetch(([values], count) => {
      for (let at = 0; at < count; at++) out[row++] = values![at]!;
    });
  }
}

/** Bytes of text that DuckDB joins at once, unless one text alone has more. */
const bytesAtATime = 2 ** 21;

/** The ids' text as DuckDB has it, joined there: no string is made of one. */
async function readTexts(database: Database, side: Side, size: number): Promise<PackedTexts> {
  const offsets = new Uint32Array(size + 1);
  await readNumbers(database, side, 'strlen(id)::UINTEGER', offsets.subarray(1));
  let total = 0;
  for (let row = 1; row < offsets.length; row++) {
    total += offsets[row]!;
    offsets[row] = total;
  }
  if (total > maxTextBytes) {
    throw new InvalidIdError(
      `${side} ids of more than 4 GiB of text together`,
      'less than 4 GiB',
      'try shorter ones, such as numbers',
    );
  }
  const texts = Buffer.allocUnsafeSlow(total);
  for (let first = 0, end = 0; first + 1 < offsets.length; first = end) {
    end = first + 1;
    while (end + 1 < offsets.length && offsets[end + 1]! - offsets[first]! <= bytesAtATime) end++;
    const [{ joined } = { joined: null }] = await database.rows(
      `SELECT encode(string_agg(id, '' ORDER BY row)) AS joined FROM ${side}_ids ` +
        `WHERE row >= ${first} AND row < ${end}`,
    );
    // What is encoded is a BLOB.
    texts.set(joined as Uint8Array, offsets[first]!);
  }
  return new PackedTexts(texts, offsets);
}

function idOf(id: unknown): Id {
  if (typeof id !== 'bigint') return typeof id === 'number' ? id : String(id);
  return id >= Number.MIN_SAFE_INTEGER && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}
