import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
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

/** Tasks that a node has solved, and access to what they have written. */
export class SolvedTasks {
  readonly #draft: LayoutDraft;
  readonly #seal: Seal;
  /** By number: those whose rows can be fetched. */
  readonly #tasks = new Map<number, BlockTask>();
  readonly #room = new FrameBufferPool();

  /** @param seal of the messages with the supervisor */
  constructor(draft: LayoutDraft, seal: Seal) {
    this.#seal = seal;
    this.#draft = draft;
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
    const ranges = rangesWritten(this.#draft, task);
    const bytes = bytesOf(ranges);
    const written = new Uint8Array(bytes <= smallBytes ? bytes : 0);
    if (bytes <= smallBytes) copyFrom(this.#draft.memory.buffer, ranges, written);
    return written;
  }

  /**
   * Some of the bytes that a task has written, with room for a seal, valid until this turn of the
   * event loop is over. Throws `InvalidMessageError`.
   */
  fetch({ number, at, bytes }: Fetch): Uint8Array {
    const task = this.#tasks.get(number);
    const ranges = task === undefined ? [] : rangesWritten(this.#draft, task);
    if (at + bytes > bytesOf(ranges)) {
      throw new InvalidMessageError(
        `bytes ${at} to ${at + bytes} of task ${number}`,
        `${bytesOf(ranges)} bytes`,
      );
    }
    const { buffer } = this.#draft.memory;
    const fill = (body: Uint8Array) => copyFrom(buffer, sliceRanges(ranges, at, bytes), body);
    return encodeFrame({ number, at }, bytes, fill, { room: this.#lend, sealBytes: tagBytes });
  }

  /** The same of the rows that it has written, sealed for all. Throws `InvalidMessageError`. */
  publish({ number, first, count, replyTo, hiddenKeys }: Publish): Uint8Array {
    const task = this.#tasks.get(number);
    const { blockStarts } = this.#draft[task?.side ?? 'user'];
    const isIn =
      task !== undefined &&
      task.kind !== 'gram' &&
      first >= blockStarts[task.block]! &&
      first + count <= blockStarts[task.block + 1]!;
    if (!isIn) {
      throw new InvalidMessageError(`rows ${first} to ${first + count}`, 'rows solved here');
    }
    const { side, iteration: generation } = task;
    const table = { type: 'factors', side, generation } as const;
    const piece = { table, first, count };
    const others = splitKeys(this.#seal.reveal(`publish ${replyTo}`, hiddenKeys));
    const keys = [pieceKey(this.#seal, piece, replyTo), ...others];
    const space = { room: this.#lend, sealBytes: rowSealBytes(keys.length) };
    return sealRows(encodePiece(this.#draft, piece, space), keys);
  }

  readonly #lend = (bytes: number) => this.#room.lend(bytes);
}
