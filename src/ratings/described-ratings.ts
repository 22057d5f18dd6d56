import { MissingRatingsError } from '../errors.js';
import type { TimedRows } from './merge-duplicates.js';
import type { DuplicatesPolicy, Ratings, RatingsOutline } from './ratings.js';
import type { RowLengths, SparseRows } from './sparse-rows.js';
import type { TimesFound } from './times-detector.js';

/**
 * Where ratings lie, and how they are read. Plain data: every process that sees the same files reads
 * the same from it, row by row and bit for bit.
 */
export interface RatingsSource {
  /** Paths or patterns of files of one format; undefined if `sql` is given. Absolute. */
  readonly files?: readonly string[] | undefined;
  /** A query of DuckDB's; undefined if `files` are given. */
  readonly sql?: string | undefined;
  /** Names of columns, as the options give them. */
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  readonly rating?: string | false | undefined;
  readonly timestamp?: string | false | undefined;
  /** How files are written and laid out, as the options say. */
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  readonly skipBadRows?: boolean | undefined;
  readonly hive?: boolean | undefined;
  /** SQL condition of the rows that count. */
  readonly where?: string | undefined;
  readonly duplicates: DuplicatesPolicy;
  /** Version of DuckDB that found `contents`. */
  readonly engine: string;
  /** What was found there: a process that finds something else reads other data. */
  readonly contents: SourceContents;
}

/** What a source held when it was described. */
export interface SourceContents {
  readonly users: number;
  readonly items: number;
  /** Rows, before duplicates are merged. */
  readonly rows: number;
  /** Hashes of ids and of ratings, after duplicates are merged: digits and points. */
  readonly digest: string;
  /** Whether the order of the source's rows decides between duplicates. */
  readonly isOrdered: boolean;
}

/** Described ratings to learn from, and ratings withheld of the same rows, which are here. */
export interface DescribedSplit {
  readonly train: DescribedRatings;
  /** Withheld ratings of users to measure on: about 50,000 drawn at random, or all if they are fewer. */
  readonly test: Ratings;
  /** What the users of `test` rated in `train`; no other user's ratings. */
  readonly seen: Ratings;
  /** As `RatingsSplit.foldIn`, of the users of `test`. */
  readonly foldIn?: Ratings | undefined;
}

/** Ratings of all users outside of memory, beside their description. */
export interface EntriesByUser {
  /**
   * Passes the rows of all users on, in their order, some at a time, with the first of them beside. They
   * are in memory of their own.
   */
  each(
    onRows: (entries: TimedRows, first: number) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Rows `first` … `end` − 1, in memory of their own: 8 bytes a rating. Blocks the event loop. */
  rows(first: number, end: number): SparseRows;
}

/** What training must know of ratings that it does not hold. */
export interface RatingsDescription {
  readonly source: RatingsSource;
  /** The ratings themselves, on the disk of the machine that described them. */
  readonly entries: EntriesByUser;
  /** Whether ratings of the source are withheld from these: who reads the source reads them too. */
  readonly isPart: boolean;
  /** As `fingerprintRatings` of the same ratings. */
  readonly fingerprint: string;
  /** Mean of the ratings, summed in the order of `byUser`. */
  readonly mean: number;
  /** Sum of the ratings of every row of the items, in the order of `byItem`. */
  readonly itemSums: Float64Array;
  /** The first rating below 0, if there is one. */
  readonly negative: number | undefined;
  /** The largest rating, by its absolute value. */
  readonly largest: number;
  /** The kind of times that the ratings look like, if they do. */
  readonly times: TimesFound | undefined;
}

/**
 * Ratings that are not loaded: their users, items and counts are known here. Who solves a block reads its
 * ratings, from the source or from disk. The memory it takes does not depend on the number of ratings.
 */
export interface DescribedRatings extends RatingsOutline {
  readonly described: RatingsDescription;
}

/** Whether ratings are only described. */
export function isDescribed(
  ratings: RatingsOutline | DescribedRatings,
): ratings is DescribedRatings {
  return 'described' in ratings;
}

/**
 * Described ratings whose entries cannot be read: `columns` and `ratings` of both sides throw
 * `MissingRatingsError`.
 */
export function describedRatings(
  outline: RatingsOutline,
  described: RatingsDescription,
): DescribedRatings {
  const byUser = withoutEntries(outline.byUser);
  const byItem = withoutEntries(outline.byItem);
  return { ...outline, byUser, byItem, described };
}

function withoutEntries(lengths: RowLengths): RowLengths {
  const get = (): never => {
    throw new MissingRatingsError(
      "found ratings that are only described, by readBy: 'workers'; expected them here; " +
        'try a source without readBy',
    );
  };
  return Object.defineProperties({ ...lengths }, { columns: { get }, ratings: { get } });
}
