import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { rangesWritten } from '../protocol/job-data.js';
import type { Fetch, Publish } from '../protocol/messages.js';
import { encodePiece } from '../protocol/row-piece.js';
import { pieceKey, rowSealBytes, sealRows, splitKeys } from '../protocol/row-seal.js';
import { type Seal, tagBytes } from '../seal/seal.js';
import { encodeFrame } from '../transport/frame.js';
import { FrameBufferPool } from '../transport/frame-buffer-pool.js';
import { bytesOf, copyFrom, sliceRanges } from '../transport/ranges.js';

/** An answer carries what its task has written up to this size, because it may be repeated. */
const smallBytes = 64 * 1024;

/** The memory that a block of a node lies in. */
export interface BlockMemory {
  readonly layout: LayoutDraft;
  /** Which row of the block's side is the block's first, in the numbering of the whole job. */
  readonly firstRow: number;
}

/** Tasks that a node has solved, and access to what they have written. */
export class SolvedTasks {
  readonly #memoryOf: (side: Side, block: number) => BlockMemory;
  readonly #seal: Seal;
  /** By number: those whose rows can be fetched. */
  readonly #tasks = new Map<number, BlockTask>();
  readonly #room = new FrameBufferPool();

  /** @param seal of the messages with the supervisor */
  constructor(memoryOf: (side: Side, block: number) => BlockMemory, seal: Seal) {
    this.#seal = seal;
    this.#memoryOf = memoryOf;
  }

  /**
   * Adds a task.
   *
   * @returns a copy of what it has written if that is little; nothing if it is to be fetched
   */
  add(number: number, task: BlockTask): Uint8Array {
    // Rows of older generations are overwritten by now.
    for (const [older, { side, iteration }] of this.#tasks) {
      if (side === task.side && iteration < task.iteration - 1) this.#tasks.delete(older);
    }
    this.#tasks.set(number, task);
    const { layout } = this.#memoryOf(task.side, task.block);
    const ranges = rangesWritten(layout, task);
    const bytes = bytesOf(ranges);
    const written = new Uint8Array(bytes <= smallBytes ? bytes : 0);
    if (bytes <= smallBytes) copyFrom(layout.memory.buffer, ranges, written);
    return written;
  }

  /**
   * Some of the bytes that a task has written, with room for a seal, valid until this turn of the
   * event loop is over. Throws `InvalidMessageError`.
   */
  fetch({ number, at, bytes }: Fetch): Uint8Array {
    const task = this.#tasks.get(number);
    const layout = task && this.#memoryOf(task.side, task.block).layout;
    const ranges = layout === undefined ? [] : rangesWritten(layout, task!);
    if (layout === undefined || at + bytes > bytesOf(ranges)) {
      throw new InvalidMessageError(
        `bytes ${at} to ${at + bytes} of task ${number}`,
        `${bytesOf(ranges)} bytes`,
      );
    }
    const { buffer } = layout.memory;
    const fill = (body: Uint8Array) => copyFrom(buffer, sliceRanges(ranges, at, bytes), body);
    return encodeFrame({ number, at }, bytes, fill, { room: this.#lend, sealBytes: tagBytes });
  }

  /** The same of the rows that it has written, sealed for all. Throws `InvalidMessageError`. */
  publish({ number, first, count, replyTo, hiddenKeys }: Publish): Uint8Array {
    const task = this.#tasks.get(number);
    const memory = task && this.#memoryOf(task.side, task.block);
    const { blockStarts } = memory?.layout[task!.side] ?? { blockStarts: [] };
    const [start, end] = [blockStarts[task?.block ?? 0]!, blockStarts[(task?.block ?? 0) + 1]!];
    const isIn =
      memory !== undefined &&
      task!.kind !== 'gram' &&
      first >= memory.firstRow &&
      first + count <= memory.firstRow + end - start;
    if (!isIn) {
      throw new InvalidMessageError(`rows ${first} to ${first + count}`, 'rows solved here');
    }
    const { side, iteration: generation } = task!;
    const table = { type: 'factors', side, generation } as const;
    const piece = { table, first, count };
    const others = splitKeys(this.#seal.reveal(`publish ${replyTo}`, hiddenKeys));
    const keys = [pieceKey(this.#seal, piece, replyTo), ...others];
    const space = { room: this.#lend, sealBytes: rowSealBytes(keys.length) };
    return sealRows(encodePiece(memory.layout, piece, space, memory.firstRow - start), keys);
  }

  readonly #lend = (bytes: number) => this.#room.lend(bytes);
}
