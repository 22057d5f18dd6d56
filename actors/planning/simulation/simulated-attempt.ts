import type { Happening } from './event-queue.js';
import type { SimulatedTask } from './simulated-task.js';

/** A node as far as an attempt knows it. */
export interface Solver<Node extends Solver<Node>> {
  /** A thread has solved a task. */
  solve(attempt: Attempt<Node>): void;
  /** The answer of a task that was solved has arrived. */
  answer(attempt: Attempt<Node>): void;
}

/** A task at a node, from its way there to the node's answer. Its next step is what happens to it. */
export class Attempt<Node extends Solver<Node>> implements Happening {
  readonly task: SimulatedTask<Node>;
  readonly node: Node;
  /** Of a thread. */
  readonly seconds: number;
  /** What holds it at the node. */
  slot = -1;
  /** When a thread began; negative before. */
  startedAt = -1;
  /** Nothing of it is wanted any more, or it is solved. */
  isOver = false;
  isSolved = false;

  constructor(task: SimulatedTask<Node>, node: Node, seconds: number) {
    this.task = task;
    this.node = node;
    this.seconds = seconds;
  }

  happen(): void {
    if (this.isSolved) this.node.answer(this);
    else this.node.solve(this);
  }
}
