import type { ExecutorFault } from '../../placement.js';
import type { NodeCapacity } from './node-loads.js';
import { NodeSpeeds } from './node-speeds.js';
import { PhaseBoard, type ScheduledNode, type ScheduledTask } from './phase-board.js';

/** Looking for a slow node takes time by node; so it is done less often where there are many. */
const restMs = 0.01;
const manyNodes = 100;

/**
 * Keeps nodes equally busy. It measures their speeds in every phase, and lets an idle node solve
 * tasks that wait at a slow one.
 */
export class Balancer<Node extends ScheduledNode, Task extends ScheduledTask<Node>> {
  readonly #now: () => number;
  readonly #onFault: (fault: ExecutorFault) => void;
  readonly #speeds = new NodeSpeeds();
  /** Workers that were reported as slow in this phase. */
  readonly #slow = new Set<string>();
  #board: PhaseBoard<Node, Task>;
  #phaseBeganMs: number;
  #phaseMs = 0;
  #balancedMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, of a clock that never goes back */
  constructor(now: () => number, onFault: (fault: ExecutorFault) => void) {
    this.#now = now;
    this.#onFault = onFault;
    this.#board = this.#newBoard();
    this.#phaseBeganMs = now();
  }

  /** Which node does what in the phase under way. */
  get board(): PhaseBoard<Node, Task> {
    return this.#board;
  }

  /** Milliseconds that the last finished phase took; 0 before. */
  get phaseMs(): number {
    return this.#phaseMs;
  }

  /** Capacity of a node when blocks are assigned. */
  capacityOf({ hello: { worker, threads } }: Node): NodeCapacity {
    return { node: worker, capacity: this.#speeds.capacityOf(worker, threads) };
  }

  beginPhase(): void {
    this.#board = this.#newBoard();
    this.#slow.clear();
    this.#phaseBeganMs = this.#now();
  }

  /**
   * Learns from the phase that is over.
   *
   * @param nodes that have no tasks of it left
   */
  endPhase(nodes: readonly Node[]): void {
    this.#phaseMs = this.#now() - this.#phaseBeganMs;
    this.#speeds.learn(this.#board.works(nodes));
  }

  /**
   * Lets an idle node solve a task that waits at a slow one, and reports the slow one as a `fault`.
   *
   * @param nodes that can be given tasks
   */
  balance(nodes: readonly Node[]): void {
    const nowMs = this.#now();
    const rest = nodes.length > manyNodes ? restMs * nodes.length : 0;
    if (nowMs - this.#balancedMs < rest) return;
    this.#balancedMs = nowMs;
    const speculation = this.#board.speculation(nodes);
    if (speculation === undefined) return;
    const { task: run, from, to } = speculation;
    this.#board.give(to.node, run);
    run.tryAt(to.node);
    const { worker, name } = from.node.hello;
    // A node without a connection is probably dead, which the heartbeat reports soon.
    if (this.#slow.has(worker) || from.node.unheardChecks > 0) return;
    this.#slow.add(worker);
    const { side, block } = run.task;
    const message = `it is slow: ${to.node.hello.name} solves ${side} block ${block} as well`;
    this.#onFault({ component: 'node', node: name, message, action: 'solve-elsewhere' });
  }

  #newBoard(): PhaseBoard<Node, Task> {
    return new PhaseBoard(this.#now, (node) => this.capacityOf(node).capacity);
  }
}
