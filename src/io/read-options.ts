import { InvalidOptionError } from '../errors.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';

/** Which columns and rows to read, and what to do about pairs that occur more than once. */
export interface ReadOptions {
  /** Column of user ids, text or integers. Guessed from usual names, like the other three. */
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  /** Column of ratings. If there is none every rating is 1. */
  readonly rating?: string | undefined;
  /**
   * Column of times, dates or numbers: which of several ratings of a pair is the last, and what
   * splits by time go by. Dates become Unix seconds; a NULL is the earliest. `false`: leave it
   * unread, which saves 8 bytes a rating.
   */
  readonly timestamp?: string | false | undefined;
  /** SQL condition on the columns of a row, one expression; only rows that meet it are read. */
  readonly where?: string | undefined;
  /**
   * Whether files may be URLs (https:, s3:, …), and SQL may use such and other extensions of DuckDB,
   * which it then installs and loads. Default false: nothing is fetched.
   */
  readonly network?: boolean | undefined;
  /** Default `last`, by timestamp if there is one, else in input order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

/** As `ReadOptions`, for ratings that stay where they are. */
export interface DescribeOptions extends ReadOptions {
  /**
   * Only the workers of `nodes()` read the ratings, each those of its blocks; this process learns who and what
   * there is, in memory that does not depend on the number of ratings.
   */
  readonly readBy: 'workers';
}

const optionNames = ['user', 'item', 'rating', 'timestamp', 'where', 'duplicates', 'network'];

/** Throws `InvalidOptionError` for an unknown option, and for one that cannot be meant. */
export function checkReadOptions(options: ReadOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!optionNames.includes(name)) {
      throw new InvalidOptionError(name, value, `one of the options ${optionNames.join(', ')}`);
    }
    if (name === 'network') {
      if (value === undefined || typeof value === 'boolean') continue;
      throw new InvalidOptionError(name, value, 'true or false');
    }
    if (
      value !== undefined &&
      name !== 'duplicates' &&
      !(name === 'timestamp' && value === false) &&
      (typeof value !== 'string' || value === '')
    ) {
      const wanted = name === 'where' ? 'an SQL condition' : 'the name of a column';
      throw new InvalidOptionError(name, value, wanted);
    }
  }
}
