import type { RowCount } from './csv-count.js';
import type { CsvRecord } from './csv-records.js';

/** Rows of a CSV file as DuckDB reads them without finding anything out: LF, commas, quotes. */
export interface PlainCopy extends RowCount {
  readonly path: string;
  /** Lines that are no rows, and the first of them. */
  readonly skipped: { readonly count: number; readonly first: CsvRecord | undefined };
}
