import { Arena } from '../../../../src/arena.js';
import { SingularSystemError } from '../../../../src/errors.js';
import type { JobLayout, SideLayout } from '../../../../src/kernels/job-layout.js';
import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { JobShape, LayoutDraft, SideShape } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import type { BlockResult } from '../../block-result.js';
import type { JobExecutor } from '../../placement.js';
import { type ArrivedPiece, placePiece, rowBytesOf, runsOf } from '../protocol/row-piece.js';
import {
  draftPart,
  type HostedPart,
  layOutHostedPart,
  type PartDraft,
  placeCopies,
  placeOwnRows,
} from './hosted-part.js';

/** What the parts of a job on a node are made of. */
export interface HostedPartsSettings {
  readonly job: string;
  readonly shape: JobShape;
  /** How many tasks run at the same time at most. */
  readonly slots: number;
  /** Opens a place for the tasks of a part. */
  readonly open: (part: JobLayout) => Promise<JobExecutor>;
}

/** A part whose ratings are coming. */
interface Filling {
  readonly draft: PartDraft;
  /** Blocks whose ratings are not there. */
  readonly missing: Set<number>;
}

/** A part, and where its tasks run. */
interface OpenPart extends HostedPart {
  executor?: Promise<JobExecutor>;
}

/**
 * A job on a node that holds some of its blocks only. Blocks that come together are a part: a memory with
 * their ratings, their rows, and copies of the rows of the other side that they need. See docs/capacity.md.
 */
export class HostedParts {
  /** The rows' lengths and λ, of all rows; nothing else of it is there. */
  readonly lengths: LayoutDraft;
  readonly #settings: HostedPartsSettings;
  readonly #filling: Filling[] = [];
  readonly #parts: OpenPart[] = [];

  /** Throws `MemoryLimitError`. */
  constructor(settings: HostedPartsSettings) {
    this.#settings = settings;
    this.lengths = layOutLengths(settings.shape, settings.job);
  }

  /** Makes room for the ratings of blocks that become one part. Throws if one is here already. */
  hold(side: Side, blocks: readonly number[]): void {
    for (const block of blocks) {
      if (this.#has(side, block)) {
        throw new InvalidMessageError(`${side} block ${block} twice`, 'it once');
      }
    }
    const draft = draftPart(
      this.lengths,
      side,
      [...blocks].sort((a, b) => a - b),
    );
    this.#filling.push({ draft, missing: new Set(blocks) });
  }

  /** Where the ratings of a block go. Throws `InvalidMessageError` if it is in no part. */
  draftOf(side: Side, block: number): LayoutDraft {
    return this.#fillingOf(side, block).draft.layout;
  }

  /** The ratings of a block are there. With the last ones of a part, its tasks can run. */
  filled(side: Side, block: number): void {
    const filling = this.#fillingOf(side, block);
    filling.missing.delete(block);
    if (filling.missing.size > 0) return;
    const { shape, slots } = this.#settings;
    this.#parts.push(layOutHostedPart(filling.draft, this.lengths, shape, slots));
    this.#filling.splice(this.#filling.indexOf(filling), 1);
  }

  /** The part of a block. Throws `InvalidMessageError` if it is not complete. */
  partOf(side: Side, block: number): HostedPart {
    return this.#partOf(side, block);
  }

  /**
   * Copies a piece to every part that needs some of it.
   *
   * @param isNewest whether no later generation of the side has been here
   */
  place(arrived: ArrivedPiece, isNewest: boolean): void {
    const { piece, rows } = arrived;
    const { type, side, generation } = piece.table;
    for (const part of this.#parts) {
      if (type === 'gram') {
        if (part.side !== side) placePiece(part.layout, arrived);
        continue;
      }
      if (part.side !== side && !isNewest) continue;
      let at = 0;
      for (const [row, count] of runsOf(piece)) {
        const run = rows.subarray(at, at + count * rowBytesOf(this.lengths));
        at += run.length;
        if (part.side !== side) placeCopies(part, row, run);
        else placeOwnRows(part, this.#settings.shape[side].blockStarts, generation, row, run);
      }
    }
  }

  /** Copies the rows that a task has written to the parts here that need them. */
  share({ side, block, iteration }: BlockTask): void {
    const { layout } = this.#partOf(side, block);
    const rowBytes = rowBytesOf(layout);
    const { blockStarts, factors } = layout[side];
    const first = blockStarts[block]!;
    const rows = new Uint8Array(
      layout.memory.buffer,
      factors[(iteration & 1) as 0 | 1] + first * rowBytes,
      (blockStarts[block + 1]! - first) * rowBytes,
    );
    for (const part of this.#parts) {
      if (part.side !== side) {
        placeCopies(part, this.#settings.shape[side].blockStarts[block]!, rows);
      }
    }
  }

  /** Runs a task. */
  async solve(task: BlockTask): Promise<BlockResult> {
    const { side, block } = task;
    const part = this.#partOf(side, block);
    part.executor ??= this.#settings.open(part.layout);
    const placed = await part.executor;
    try {
      return await placed.solve(task);
    } catch (error) {
      if (!(error instanceof SingularSystemError) || error.row === undefined) throw error;
      const before = part.layout[side].blockStarts[block]!;
      const row = error.row - before + this.#settings.shape[side].blockStarts[block]!;
      throw new SingularSystemError(side, row, { cause: error });
    }
  }

  /** Ends every task and resolves when no thread is left. */
  async close(): Promise<void> {
    for (const { layout } of this.#parts) {
      Atomics.store(new Int32Array(layout.memory.buffer, layout.stopFlag, 1), 0, 1);
    }
    await Promise.all(
      this.#parts.map(async ({ executor }) => (await executor?.catch(() => undefined))?.close()),
    );
  }

  #has(side: Side, block: number): boolean {
    const drafts = this.#filling.map(({ draft }) => draft);
    return [...drafts, ...this.#parts].some(
      (part) => part.side === side && part.blocks.includes(block),
    );
  }

  #partOf(side: Side, block: number): OpenPart {
    const found = this.#parts.find((part) => part.side === side && part.blocks.includes(block));
    if (found !== undefined) return found;
    throw new InvalidMessageError(`no part with ${side} block ${block}`, 'it before what needs it');
  }

  #fillingOf(side: Side, block: number): Filling {
    const found = this.#filling.find(
      ({ draft, missing }) => draft.side === side && missing.has(block),
    );
    if (found !== undefined) return found;
    throw new InvalidMessageError(`ratings of ${side} block ${block}`, 'those of a part held here');
  }
}

/** Room for the rows' lengths and λ. */
function layOutLengths({ user, item, ...settings }: JobShape, id: string): LayoutDraft {
  const arena = new Arena();
  const side = ({ rowCount, pinned, blockStarts, heldOutEntries }: SideShape): SideLayout => {
    const sparse = () => ({ offsets: arena.allocate((rowCount + 1) * 4), columns: 0, ratings: 0 });
    return {
      ...{ rowCount, blockStarts, ratings: sparse() },
      ...(pinned !== undefined && { pinned }),
      ...(heldOutEntries !== undefined && { heldOut: sparse() }),
      regularizers: arena.allocate(rowCount * settings.elementBytes),
      factors: [0, 0],
    };
  };
  const nothing = { gram: 0, blockGrams: 0, stopFlag: 0 };
  return { ...settings, ...nothing, id, memory: arena.memory, user: side(user), item: side(item) };
}
