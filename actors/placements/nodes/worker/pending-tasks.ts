import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import type { RowPiece } from '../protocol/row-piece.js';

/** A task, and the number of the command that it came with. */
interface PendingTask {
  readonly number: number;
  readonly task: BlockTask;
}

/** Boundaries of the blocks of both sides. */
type BlockStarts = Readonly<Record<Side, { readonly blockStarts: readonly number[] }>>;

/** Tasks that a node has been given and has not answered. Those of one block are solved in their order. */
export class PendingTasks {
  readonly #sides: BlockStarts;
  /** By block. */
  readonly #tasks = new Map<string, PendingTask[]>();
  /** Numbers of tasks that the supervisor has dropped. */
  readonly #dropped = new Set<number>();

  constructor(sides: BlockStarts) {
    this.#sides = sides;
  }

  /** Adds a task. Throws `InvalidMessageError` if there is none of its kind in its iteration. */
  add(number: number, task: BlockTask): void {
    const [least, most] = iterationsOf[task.kind];
    if (task.iteration < least || task.iteration > most) {
      const found = `${task.kind} of iteration ${task.iteration}`;
      throw new InvalidMessageError(found, `iteration ${least} to ${most}`);
    }
    const key = blockName(task);
    this.#tasks.set(key, [...(this.#tasks.get(key) ?? []), { number, task }]);
  }

  /** Number of the task of a block that comes next. There must be one. */
  next(block: BlockName): number {
    return this.#tasks.get(blockName(block))![0]!.number;
  }

  /** Removes the task of a block that came next, and says whether it was dropped. */
  finish(block: BlockName): { readonly number: number; readonly isDropped: boolean } {
    const { number } = this.#tasks.get(blockName(block))!.shift()!;
    return { number, isDropped: this.#dropped.delete(number) };
  }

  drop(number: number): void {
    this.#dropped.add(number);
  }

  isDropped(number: number): boolean {
    return this.#dropped.has(number);
  }

  /**
   * Throws if a task may still read or write these rows, because another node solved it as well.
   */
  expectNoneAt({ table, first, count }: RowPiece): void {
    for (const { task } of [...this.#tasks.values()].flat()) {
      const { blockStarts } = this.#sides[task.side];
      const isApart =
        first + count <= blockStarts[task.block]! || first >= blockStarts[task.block + 1]!;
      if (task.side !== table.side || task.iteration > table.generation) continue;
      if (task.iteration === table.generation && isApart) continue;
      throw new InvalidMessageError(
        `rows of ${table.side} block ${task.block} while it is being solved`,
        'them later',
      );
    }
  }
}

/** The iterations that tasks of a kind are of. */
const iterationsOf: Readonly<Record<BlockTask['kind'], readonly [least: number, most: number]>> = {
  sketch: [-1, 0],
  gram: [0, Number.POSITIVE_INFINITY],
  solve: [1, Number.POSITIVE_INFINITY],
};

/** A block of a job. */
export type BlockName = Pick<BlockTask, 'side' | 'block'>;

/** A text that no other block of the job has. */
export function blockName({ side, block }: BlockName): string {
  return `${side}-${block}`;
}
