import type { CsvRecord } from './csv-records.js';

/** Rows of a CSV file as DuckDB reads them without finding anything out: LF, commas, quotes. */
export interface PlainCopy {
  readonly path: string;
  readonly rowCount: number;
  /** Lines that are no rows, and the first of them. */
  readonly skipped: { readonly count: number; readonly first: CsvRecord | undefined };
}
