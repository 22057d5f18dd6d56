import { anything, checkOptions, type Rule, type Rules, trueOrFalse } from '../check-options.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';

/** How files are written and laid out, where that is not to be found out. */
export interface FileOptions {
  /** Of CSV: a label of the Encoding Standard such as `latin1` or `utf-16le`. Default UTF-8. */
  readonly encoding?: string | undefined;
  /** Of CSV: one to four characters between fields; `' '` for any run of blanks. Found out by default. */
  readonly delimiter?: string | undefined;
  /** Of CSV: whether the first line names the columns. Default: found out, where names or values show it. */
  readonly header?: boolean | undefined;
  /**
   * Of CSV: leave out lines of another shape, and rows without an id, a number for a rating or a time
   * that is understood. They are counted. By default the first of them is an error.
   */
  readonly skipBadRows?: boolean | undefined;
  /** Take folders with all files in them, and folder names such as year=2024 as columns. */
  readonly hive?: boolean | undefined;
}

/** Which columns and rows to read, and what to do about pairs that occur more than once. */
export interface ReadOptions extends FileOptions {
  /** Column of user ids, text or integers. Guessed from usual names, like the other three. */
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  /** Column of ratings. If there is none, or for `false`, every rating is 1. */
  readonly rating?: string | false | undefined;
  /**
   * Column of times, dates or numbers: decides which of several ratings of a pair is the last, and
   * orders splits by time. Dates become Unix seconds; a NULL is the earliest. `false`: leave it
   * unread, which saves 8 bytes a rating.
   */
  readonly timestamp?: string | false | undefined;
  /** SQL condition on the columns of a row, one expression; only rows that meet it are read. */
  readonly where?: string | undefined;
  /**
   * Whether files may be http: and https: URLs, which are downloaded first, and SQL may use URLs of any
   * kind and extensions of DuckDB, which it then installs and loads. Default false: nothing is fetched.
   */
  readonly network?: boolean | undefined;
  /** Default `last`, by timestamp if there is one, else in input order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

/** As `ReadOptions`, for ratings that stay where they are. */
export interface DescribeOptions extends ReadOptions {
  /**
   * The ratings are read where their blocks are solved: by each worker of `nodes()` those of its blocks, on
   * one machine straight into the parts of the job. Reading them takes memory that grows with users and items
   * alone.
   */
  readonly readBy: 'workers';
}

const aColumn: Rule = { expected: 'the name of a column', accepts: isText };

const aColumnOrFalse: Rule = {
  expected: 'the name of a column, or false',
  accepts: (value) => value === false || isText(value),
};

const rules: Rules<keyof DescribeOptions> = {
  user: aColumn,
  item: aColumn,
  rating: aColumnOrFalse,
  timestamp: aColumnOrFalse,
  where: { expected: 'an SQL condition', accepts: isText },
  duplicates: anything,
  encoding: { expected: "an encoding such as 'latin1'", accepts: isText },
  delimiter: {
    expected: 'one to four characters, no quotation mark among them',
    accepts: (value) => isText(value) && value.length <= 4 && !/[\r\n"]/.test(value),
  },
  header: trueOrFalse,
  skipBadRows: trueOrFalse,
  hive: trueOrFalse,
  network: trueOrFalse,
  readBy: { expected: "'workers', or nothing", accepts: (value) => value === 'workers' },
};

/** Throws `InvalidOptionError` for an unknown option, and for one that cannot be meant. */
export function checkReadOptions(source: object, options: ReadOptions | DescribeOptions): void {
  checkOptions({ of: 'sql' in source ? 'fromSql' : 'fromFile' }, options, rules);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
