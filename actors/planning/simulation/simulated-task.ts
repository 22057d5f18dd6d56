import type { Side } from '../../../src/ratings/ratings.js';
import type { ScheduledTask } from '../../placements/nodes/scheduling/phase-board.js';
import { sharedResources } from '../transfer-resources.js';
import type { Transfer } from './sender-class.js';
import type { SideTraffic } from './side-traffic.js';

/** A task under way, as far as a simulation knows it, and then the rows that it has solved. */
export class SimulatedTask<Node> implements ScheduledTask<Node>, Transfer {
  readonly task: { readonly side: Side; readonly block: number };
  readonly work: number;
  readonly bytes: number;
  readonly amounts: Float64Array;
  readonly place: number;
  isUnderWay = false;
  /** The nodes that work on it. */
  nodes: readonly Node[] = [];
  tried: readonly Node[] = [];
  /** The node that has solved it. */
  solver: Node | undefined;
  readonly #attempt: (task: SimulatedTask<Node>, node: Node) => void;

  /** @param attempt lets a node solve it */
  constructor(
    task: { readonly side: Side; readonly block: number },
    work: number,
    { sent, amounts }: SideTraffic,
    attempt: (task: SimulatedTask<Node>, node: Node) => void,
  ) {
    this.task = task;
    this.work = work;
    this.bytes = Math.max(1, sent[task.block]!);
    this.amounts = amounts;
    this.place = task.block * sharedResources.length;
    this.#attempt = attempt;
  }

  get nodeCount(): number {
    return this.nodes.length;
  }

  tryAt(node: Node): void {
    this.nodes = [...this.nodes, node];
    this.tried = [...this.tried, node];
    this.#attempt(this, node);
  }
}
