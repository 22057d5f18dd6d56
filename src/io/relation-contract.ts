import type { SourceError } from '../errors.js';
import type { SkippedRows } from '../ratings/ratings.js';
import type { Column } from './column-types.js';
import type { CsvFile } from './csv-file.js';

/** Name of the column with the path of a row's file, where it is asked for. */
export const fileColumn = 'seesaw file';

/** Name of the column with the number of a row, where it is asked for. */
export const placeColumn = 'seesaw place';

/** Rows that SQL can select from. */
export interface Relation {
  readonly columns: readonly Column[];
  /**
   * SQL to put after FROM. Columns of CSV are text: whether all of them are numbers is known only after
   * the last row, and 007 is not 7. Those of JSON are, where only their text looks otherwise.
   *
   * @param withFile also a column that names the file of each row, if `places` is there
   */
  from(withFile?: boolean): string;
  /**
   * SQL to put after FROM for all columns and the number of each row, from 0 in all files together, as
   * `placeColumn`. Only where every read gives the same rows without more work than a copy of them.
   */
  readonly placed?: () => Promise<string>;
  /** Whether columns are text, as in CSV. */
  readonly isCsv: boolean;
  /** Whether the source names its columns; else they are column0, column1, … */
  readonly hasNames: boolean;
  /** Whether it is files, not a query. */
  readonly isFile: boolean;
  /** What it is, for messages. */
  readonly name: string;
  /** Files of lines, to say where something is. */
  readonly text?: TextFiles;
  /** Where a row of a file lies, by its number from 1; only if it is files. */
  readonly places?: (path: string, number: number) => Promise<RowPlace | undefined>;
  /** The columns of each file, to say which lacks one; only if it is files. */
  readonly columnsOfFiles?: () => Promise<readonly ColumnsOfFile[]>;
  /** The first column of a file that cannot be read, as an error; of Parquet, whose parts can be damaged. */
  readonly badColumn?: () => Promise<SourceError | undefined>;
  /** Checks that compressed files are whole, if they are not text. Throws `SourceError`. */
  readonly checkWhole?: () => Promise<void>;
}

/** What the columns of a file are called. */
export interface ColumnsOfFile {
  readonly file: string;
  readonly names: readonly string[];
}

/** A line of a file. */
export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Where a row lies: in a line, or by its number from 1 in its file. */
export type RowPlace = FileLine | { readonly file: string; readonly row: number };

/** Files of lines that rows come from. */
export interface TextFiles {
  readonly files: readonly CsvFile[];
  /** The first line that is no row, as an error. */
  badLine(): Promise<SourceError | undefined>;
  /**
   * Counts all rows, once and independently of the database. What `from` gives afterwards reads fields
   * with line ends in them wherever they are. Throws `SourceError` for a compressed file that is not
   * whole.
   */
  countRows(): Promise<number>;
  /** Lines that are left out. */
  readonly skipped: SkippedRows;
}
