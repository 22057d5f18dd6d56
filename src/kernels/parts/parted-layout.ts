import type { Side } from '../../ratings/ratings.js';
import type { GpuOptions, JobLayout, JobSettings, RatedJob, RatedSide } from '../job-layout.js';

/**
 * A job that is larger than one memory: parts of one side each, in memories of their own. Plain data: it
 * crosses threads by reference to the memories. See docs/capacity.md.
 */
export interface PartedLayout extends JobSettings {
  readonly id: string;
  readonly user: PartedSide;
  readonly item: PartedSide;
  /** Which GPU, for a kernel of a GPU. */
  readonly gpu?: GpuOptions;
  /**
   * Set where tasks run in other memories, and parts have rows only, with neither ratings nor copies: where
   * the ratings of the whole job lie, or with a `source` their lengths.
   */
  readonly rated?: RatedJob;
}

/** One side of a job in parts. */
export interface PartedSide extends Pick<RatedSide, 'rowCount' | 'pinned' | 'blockStarts'> {
  /** In the order of their blocks; every block is in one of them. */
  readonly parts: readonly PartLayout[];
}

/** Some blocks of a side in a memory of their own. */
export interface PartLayout {
  /**
   * The part as a job of its own: rows of its side are those of its blocks, numbered from 0; blocks keep
   * their numbers, and those of other parts are empty. Rows of the other side are copies.
   */
  readonly layout: JobLayout;
  /** The first of the part's blocks, and the one after the last. */
  readonly firstBlock: number;
  readonly endBlock: number;
  /** The part's first row, in the numbering of the whole side. */
  readonly firstRow: number;
  /** Byte offset of the rows of the other side that it has copies of, u32, ascending. */
  readonly needed: number;
}

/** Whether a job is in parts. */
export function isParted(job: JobLayout | PartedLayout): job is PartedLayout {
  return 'parts' in job.user;
}

/** The part that a block is in. */
export function partOfBlock({ parts }: PartedSide, block: number): PartLayout {
  return parts.find(({ endBlock }) => block < endBlock)!;
}

/** The memory that a block lies in, as the layout that its tasks run by. */
export function layoutOfBlock(job: JobLayout | PartedLayout, side: Side, block: number): JobLayout {
  return isParted(job) ? partOfBlock(job[side], block).layout : job;
}

/** The layouts that tasks of one side run by: one of each part, or the whole job. */
export function layoutsOfSide(job: JobLayout | PartedLayout, side: Side): readonly JobLayout[] {
  return isParted(job) ? job[side].parts.map(({ layout }) => layout) : [job];
}

/** The layouts of all memories of a job. */
export function layoutsOf(job: JobLayout | PartedLayout): readonly JobLayout[] {
  return isParted(job) ? [...layoutsOfSide(job, 'user'), ...layoutsOfSide(job, 'item')] : [job];
}
