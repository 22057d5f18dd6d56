import type { TableColumn } from '../../io/database.js';
import { openDatabase } from '../../io/duckdb.js';
import { literal } from '../../io/sql-text.js';
import { type ExportedSide, textsOf } from './exported-side.js';

/** Writes a Parquet file with these columns; rows stay in their order. */
export async function writeParquet(
  path: string,
  columns: readonly TableColumn[],
  signal?: AbortSignal,
): Promise<void> {
  const database = await openDatabase(signal);
  try {
    await database.makeTable('rows', columns);
    await database.run(`COPY rows TO ${literal(path)} (FORMAT parquet)`);
  } finally {
    await database.close();
  }
}

/** The ids of a side as they are. */
export function idColumnOf(exported: ExportedSide, name: string): TableColumn {
  const { idColumn } = exported;
  switch (idColumn.type) {
    case 'int32':
      return { name, type: 'INTEGER', values: idColumn.values };
    case 'int64':
      return { name, type: 'BIGINT', values: idColumn.values };
    case 'float64':
      return { name, type: 'DOUBLE', values: idColumn.values };
    case 'utf8':
      return { name, type: 'VARCHAR', values: textsOf(exported) };
    default:
      return idColumn satisfies never;
  }
}

/** The rows of a side, a list each. */
export function factorColumnOf({ rows, width }: ExportedSide, name: string): TableColumn {
  // Not FLOAT[n]: some readers take lists of a fixed size wrongly (duckdb/duckdb#17238).
  return { name, type: 'FLOAT[]', values: rows, width };
}
