import { opposite, type Side } from '../../ratings/ratings.js';
import { elementView } from '../element-view.js';
import { type BlockTask, fixedGeneration } from '../kernel.js';
import type { PartedLayout } from './parted-layout.js';

/** Copies that one part needs before its blocks are solved: `first` to `end` of its needed rows. */
export interface CopyTask {
  readonly side: Side;
  /** Which part of that side receives them. */
  readonly part: number;
  /** Which generation of the other side's rows. */
  readonly generation: number;
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** A task copies about as much: some milliseconds, so that threads share the work. */
const taskBytes = 8 * 1024 * 1024;

/** Rows that follow one another at both ends go in one piece from this count on. */
const pieceRows = 4;

/**
 * The copies that a phase's blocks read: of every row of the fixed side, wherever it was solved, to each
 * part of the solved side that has a rating of it. None for a phase that only sums Gram matrices.
 */
export function copyTasksOf(job: PartedLayout, phase: Omit<BlockTask, 'block'>): CopyTask[] {
  if (phase.kind === 'gram') return [];
  const { side } = phase;
  const generation = fixedGeneration(job, { ...phase, block: 0 });
  const rows = Math.max(1, Math.floor(taskBytes / rowBytesOf(job)));
  return job[side].parts.flatMap(({ layout }, part) => {
    const { rowCount } = layout[opposite(side)];
    return Array.from({ length: Math.ceil(rowCount / rows) }, (_, at) => ({
      ...{ side, part, generation },
      first: at * rows,
      end: Math.min((at + 1) * rows, rowCount),
    }));
  });
}

/** Bytes that these tasks copy. */
export function bytesToCopy(job: PartedLayout, tasks: readonly CopyTask[]): number {
  return tasks.reduce((rows, { first, end }) => rows + end - first, 0) * rowBytesOf(job);
}

/** Bytes that copying the whole fixed side to every part of a side would take. */
export function bytesOfFullCopies(job: PartedLayout, side: Side): number {
  return job[side].parts.length * job[opposite(side)].rowCount * rowBytesOf(job);
}

/** Runs one task in this thread. It can be repeated; no other one writes where it does. */
export function copyRows(job: PartedLayout, task: CopyTask): void {
  const { layout, needed } = job[task.side].parts[task.part]!;
  const fixed = opposite(task.side);
  const { stride } = job;
  const { rowCount, factors } = layout[fixed];
  const rows = new Uint32Array(layout.memory.buffer, needed, rowCount);
  const to = elementView(layout, factors[0], rowCount * stride);
  let at = task.first;
  for (const owner of job[fixed].parts) {
    const { firstRow } = owner;
    const owned = owner.layout[fixed];
    const endRow = firstRow + owned.rowCount;
    if (at === task.end || rows[at]! >= endRow) continue;
    const offset = owned.factors[(task.generation & 1) as 0 | 1];
    const from = elementView(owner.layout, offset, owned.rowCount * stride);
    while (at < task.end && rows[at]! < endRow) {
      const next = endOfPiece(rows, at, task.end, endRow);
      const source = (rows[at]! - firstRow) * stride;
      const count = (next - at) * stride;
      if (next - at >= pieceRows) to.set(from.subarray(source, source + count), at * stride);
      else copyElements(from, source, to, at * stride, count);
      at = next;
    }
  }
}

/** Where the rows that follow one another from `at` on end, no row of them `endRow` or later. */
function endOfPiece(rows: Uint32Array, at: number, end: number, endRow: number): number {
  let next = at + 1;
  while (next < end && rows[next] === rows[next - 1]! + 1 && rows[next]! < endRow) next++;
  return next;
}

function copyElements(
  from: Float32Array | Float64Array,
  source: number,
  to: Float32Array | Float64Array,
  target: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[target + i] = from[source + i]!;
}

function rowBytesOf({ stride, elementBytes }: PartedLayout): number {
  return stride * elementBytes;
}
