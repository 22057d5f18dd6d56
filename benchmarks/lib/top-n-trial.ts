import type { CaseFiles } from './case-files.js';

/**
 * Ranking all items for all users, as its process gets it. Seesaw and the peer read this object.
 */
export interface TopNTrial extends CaseFiles {
  readonly rank: number;
  /** Folder with user.f32 and item.f32: row-major factors, rows in the order of the indices. */
  readonly factors: string;
  /** Length of the lists. */
  readonly count: number;
  readonly threads: number;
  /** How often to rank; the first time warms up. */
  readonly passes: number;
  /** Folder to write ids.i32 and scores.f32 of the last pass to, users × count, padded with −1. */
  readonly listsTo?: string;
}

/** What its process answers. */
export interface TopNResult {
  readonly library: string;
  readonly version: string;
  /** Language and its version. */
  readonly runtime: string;
  /** Of every pass. */
  readonly seconds: readonly number[];
  readonly peakBytes: number;
}
