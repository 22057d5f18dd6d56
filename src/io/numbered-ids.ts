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
        `SELECT key, ${whole ? 'key::HUGEINT' : 'key'} AS id FROM ${side}_counts ORDER BY n DESC, id`,
    );
  }
}

/** The ids of a side that has been numbered. */
export async function readIds(database: Database, side: Side): Promise<IdVocabulary> {
  const ids = await database.column(`SELECT id FROM ${side}s ORDER BY rowid`);
  return listedIds(ids.map(idOf));
}

function idOf(id: unknown): Id {
  if (typeof id !== 'bigint') return typeof id === 'number' ? id : String(id);
  return id >= Number.MIN_SAFE_INTEGER && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}
