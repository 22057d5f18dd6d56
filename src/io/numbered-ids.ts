import { type Id, type IdVocabulary, listedIds } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
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

/** The ids of a side that has been numbered. */
export async function readIds(database: Database, side: Side): Promise<IdVocabulary> {
  const ids = await database.column(`SELECT id FROM ${side}s ORDER BY rowid`);
  return listedIds(ids.map(idOf));
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
