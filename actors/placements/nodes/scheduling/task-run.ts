import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { Node } from '../cluster/node.js';
import type { NodeAnswer } from '../protocol/messages.js';

/** The answer of a node that has solved a task. */
export interface SolvedTask {
  readonly node: Node;
  readonly answer: Extract<NodeAnswer, { type: 'solved' }>;
}

/** A task under way: at one node, or at a second one as well if the first is slow. */
export class TaskRun {
  readonly task: BlockTask;
  /** Ratings and rows of its block. */
  readonly work: number;
  /** The first answer. Rejects with the error of the last attempt when none is left. */
  readonly solved: Promise<SolvedTask>;
  readonly #attempt: (node: Node, over: AbortSignal) => Promise<SolvedTask>;
  readonly #over = new AbortController();
  #resolve!: (solved: SolvedTask) => void;
  #reject!: (error: unknown) => void;
  readonly #nodes = new Set<Node>();
  /**
   * Nodes that were given the task, even if it has failed there: they may still write the block's
   * rows.
   */
  readonly tried = new Set<Node>();

  /**
   * @param attempt solves the task at a node; ends it there when `over` aborts
   */
  constructor(
    task: BlockTask,
    work: number,
    attempt: (node: Node, over: AbortSignal) => Promise<SolvedTask>,
  ) {
    this.task = task;
    this.work = work;
    this.#attempt = attempt;
    this.solved = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** How many nodes work on it. */
  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Lets a node solve it. */
  tryAt(node: Node): void {
    this.#nodes.add(node);
    this.tried.add(node);
    this.#attempt(node, this.#over.signal).then(
      (solved) => {
        this.#resolve(solved);
        this.#over.abort();
      },
      (error) => {
        this.#nodes.delete(node);
        if (this.#nodes.size === 0) this.#reject(error);
      },
    );
  }
}
