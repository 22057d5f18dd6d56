/** A cell as JavaScript knows it; integers of 64 bits and more are bigints, a BLOB is its bytes. */
export type Cell = string | number | bigint | boolean | Uint8Array | null;

/** Numbers of one column of one chunk. Valid until the callback returns, and resolves if it promises. */
export type NumberColumn = ArrayLike<number>;

/** Rows of numbers that a query gives. */
export interface NumberRows {
  fetch(
    onChunk: (columns: NumberColumn[], rowCount: number) => void | Promise<void>,
  ): Promise<void>;
}

/** A column of a table to be made. */
export type TableColumn =
  | {
      readonly name: string;
      readonly type: 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'VARCHAR';
      readonly values: ArrayLike<number | bigint | string>;
    }
  /** Row r is values[r · width] … values[(r + 1) · width − 1]. */
  | {
      readonly name: string;
      readonly type: 'FLOAT[]';
      readonly values: Float32Array;
      readonly width: number;
    };

/**
 * A private in-memory database that reads files and speaks SQL; `duckdb.ts` opens it. It takes one statement at a time.
 */
export interface Database {
  /** Its abort ends all work of this database. */
  readonly signal: AbortSignal | undefined;
  /** Whether SQL comes from the user of this process: no `folders` were given. */
  readonly isTrusted: boolean;
  /**
   * From here on SQL reads no file but these (paths and patterns, as they stand in it), writes
   * none, and changes no setting. Only the first call has an effect, and none has if `folders` were
   * given.
   */
  confine(files: readonly string[]): Promise<void>;
  /** Runs statements whose result does not matter. */
  run(sql: string): Promise<void>;
  /** All rows of a small result, by column name. */
  rows(sql: string): Promise<Record<string, Cell>[]>;
  /** The first column of a result. */
  column(sql: string): Promise<Cell[]>;
  /**
   * Runs a query whose columns are UINTEGER, FLOAT or DOUBLE without NULL; `fetch` passes them on
   * chunk by chunk. Its rows may come in any order.
   */
  numbers(sql: string): Promise<NumberRows>;
  /** As `numbers`, in the order of the query, and with memory for a few chunks at a time only. */
  numberStream(sql: string): Promise<NumberRows>;
  /** Makes a table of these columns, all of one length. */
  makeTable(name: string, columns: readonly TableColumn[]): Promise<void>;
  /**
   * A private folder that SQL may write to, removed when the database is closed; empty where the
   * system's temporary folder takes none.
   */
  readonly spillFolder: string;
  /** A private folder for the database's files, removed when the database is closed. */
  scratch(): Promise<string>;
  /** Closes it and deletes what it spilled. The database must not be used afterwards. */
  close(): Promise<void>;
}
