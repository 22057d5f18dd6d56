import type { Side } from '../../../../src/ratings/ratings.js';
import type { NodeWork } from './node-speeds.js';
import { chooseSpeculation, type NodeLoad, type Speculation } from './speculative-execution.js';

/** A node as far as scheduling knows it: a real or a simulated one. */
export interface ScheduledNode {
  readonly hello: { readonly worker: string; readonly name: string; readonly threads: number };
  /** Checks in a row that did not reach it. */
  readonly unheardChecks: number;
}

/** A task as far as scheduling knows it. */
export interface ScheduledTask<Node> {
  readonly task: { readonly side: Side; readonly block: number };
  /** Ratings and rows of its block. */
  readonly work: number;
  /** How many nodes work on it. */
  readonly nodeCount: number;
  /** Nodes that were given it, even if it has failed there. */
  readonly tried: Iterable<Node>;
  /** Lets a node solve it. */
  tryAt(node: Node): void;
}

/** What a node has done so far in a phase. */
interface Entry<Node, Task> {
  readonly node: Node;
  readonly sinceMs: number;
  askedMs: number | undefined;
  lastMs: number | undefined;
  done: number;
  readonly left: Set<Task>;
}

/** The load of a node. */
type LoadOfNode<Node, Task> = NodeLoad<Task> & { readonly node: Node };

/** Which node does what in the phase under way, and since when. Times are milliseconds. */
export class PhaseBoard<Node extends ScheduledNode, Task extends ScheduledTask<Node>> {
  readonly #entries = new Map<Node, Entry<Node, Task>>();
  readonly #now: () => number;
  readonly #capacityOf: (node: Node) => number;

  /** @param capacityOf capacity of a node in threads of the usual speed */
  constructor(now: () => number, capacityOf: (node: Node) => number) {
    this.#now = now;
    this.#capacityOf = capacityOf;
  }

  /** Notes that a node has been given a task. */
  give(node: Node, run: Task): void {
    let entry = this.#entries.get(node);
    if (entry === undefined) {
      const sinceMs = this.#now();
      const blank = { askedMs: undefined, lastMs: undefined, done: 0, left: new Set<Task>() };
      entry = { node, sinceMs, ...blank };
      this.#entries.set(node, entry);
    }
    entry.left.add(run);
  }

  /** Notes that a node has all that it needs for a task. */
  ask(node: Node): void {
    const entry = this.#entries.get(node)!;
    entry.askedMs ??= this.#now();
  }

  /** Notes that a task is solved, and by which node. */
  solve(run: Task, by: Node): void {
    const solver = this.#entries.get(by)!;
    solver.lastMs = this.#now();
    solver.done += run.work;
    this.drop(run);
  }

  /** Notes that no node works on a task any more. */
  drop(run: Task): void {
    for (const node of run.tried) this.#entries.get(node)?.left.delete(run);
  }

  /**
   * A task that an idle node should solve as well.
   *
   * @param nodes that can be given tasks
   */
  speculation(nodes: readonly Node[]): Speculation<LoadOfNode<Node, Task>, Task> | undefined {
    // Most of the time no node is idle, and a cluster is large.
    const isIdle = (node: Node) => !((this.#entries.get(node)?.left.size ?? 0) > 0);
    if (!nodes.some(isIdle)) return undefined;
    return chooseSpeculation(
      nodes.map((node) => this.#loadOf(node)),
      this.#now(),
    );
  }

  /** What every node has done until now. */
  works(nodes: readonly Node[]): NodeWork[] {
    return nodes.map((node) => {
      const { worker, threads } = node.hello;
      const entry = this.#entries.get(node);
      if (entry?.askedMs === undefined) return { node: worker, threads, work: 0, seconds: 0 };
      const endMs = entry.left.size > 0 ? this.#now() : (entry.lastMs ?? this.#now());
      return { node: worker, threads, work: entry.done, seconds: (endMs - entry.askedMs) / 1000 };
    });
  }

  #loadOf(node: Node): LoadOfNode<Node, Task> {
    const entry = this.#entries.get(node);
    const runs = [...(entry?.left ?? [])];
    return {
      node,
      capacity: this.#capacityOf(node),
      sinceMs: entry?.sinceMs,
      lastMs: entry?.lastMs,
      done: entry?.done ?? 0,
      left: runs.map((task) => ({ task, work: task.work, places: task.nodeCount })),
    };
  }
}
