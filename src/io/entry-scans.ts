import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database.js';
import {
  type EntriesRead,
  type FoundSource,
  makeEntriesBy,
  selectColumns,
} from './entry-tables.js';
import { selectEntries } from './select-entries.js';
import { literal } from './sql-text.js';

/** Entries that can be read several times. */
export interface EntriesScanned extends EntriesRead {
  /** Gives the space on disk back; they cannot be read afterwards. */
  drop(): Promise<void>;
}

/** Types that Parquet keeps as they are. */
const keptTypes = /^(VARCHAR|U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|BOOLEAN)$/;

/**
 * Makes the view `entries` of the columns of `makeEntries` and `place`, which ascends in input order, and
 * checks it. Memory does not grow with them: Parquet is read where it lies, anything else is copied to
 * Parquet on disk. DuckDB would write a table that does not fit its memory to disk again with every read.
 *
 * Throws what `readRatings` does.
 */
export async function scanEntries(database: Database, found: FoundSource): Promise<EntriesScanned> {
  let drop = async () => {};
  const read = await makeEntriesBy(database, found, 'VIEW', async (name) => {
    const placed = await found.relation.placed?.();
    if (placed !== undefined) {
      await makeView(name, selectColumns(found, selectEntries(found, { placed })));
      return;
    }
    const selected = selectColumns(found, selectEntries(found));
    const path = join(database.spillFolder, 'entries.parquet');
    if (database.spillFolder !== '' && (await isKept(database, selected))) {
      drop = () => rm(path, { force: true });
      await database.run(`COPY (${selected}) TO ${literal(path)} (FORMAT parquet)`);
      await makeView(
        name,
        `SELECT *, file_row_number AS place FROM read_parquet(${literal(path)})`,
      );
      return;
    }
    drop = () => database.run(`DROP TABLE ${name}_copied`);
    await database.run(`CREATE TEMP TABLE ${name}_copied AS ${selected}`);
    await makeView(name, `SELECT *, rowid AS place FROM ${name}_copied`);
  });
  return { ...read, drop };

  async function makeView(name: string, selected: string): Promise<void> {
    await database.run(`CREATE TEMP VIEW ${name} AS ${selected}`);
  }
}

/** Whether Parquet gives the same values back; it has no integers of 128 bits. */
async function isKept(database: Database, selected: string): Promise<boolean> {
  const columns = await database.rows(`DESCRIBE ${selected}`);
  return columns.every(({ column_type }) => keptTypes.test(String(column_type)));
}
