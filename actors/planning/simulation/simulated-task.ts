import type { Side } from '../../../src/ratings/ratings.js';
import type { ScheduledTask } from '../../placements/nodes/scheduling/phase-board.js';

/** A task under way, as far as a simulation knows it. */
export class SimulatedTask<Node> implements ScheduledTask<Node> {
  readonly task: { readonly side: Side; readonly block: number };
  readonly work: number;
  readonly nodes = new Set<Node>();
  readonly tried = new Set<Node>();
  /** The node that has solved it. */
  solver: Node | undefined;
  readonly #attempt: (task: SimulatedTask<Node>, node: Node) => void;

  /** @param attempt lets a node solve it */
  constructor(
    task: { readonly side: Side; readonly block: number },
    work: number,
    attempt: (task: SimulatedTask<Node>, node: Node) => void,
  ) {
    this.task = task;
    this.work = work;
    this.#attempt = attempt;
  }

  tryAt(node: Node): void {
    this.nodes.add(node);
    this.tried.add(node);
    this.#attempt(this, node);
  }
}
