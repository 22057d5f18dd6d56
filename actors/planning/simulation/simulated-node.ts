import { TaskSlots } from '../../../src/task-slots.js';
import type { ScheduledNode } from '../../placements/nodes/scheduling/phase-board.js';
import type { EventQueue } from './event-queue.js';
import type { SimulatedTask } from './simulated-task.js';

/** A task at a node, from the time at which it waits for a thread. */
interface Attempt {
  readonly task: SimulatedTask<SimulatedNode>;
  /** Of its arithmetic. */
  readonly seconds: number;
  slot: number | undefined;
  startedAt: number | undefined;
  isOver: boolean;
}

/** What a node has done with a task. */
export interface Solved {
  readonly task: SimulatedTask<SimulatedNode>;
  readonly startedAt: number;
  readonly seconds: number;
  readonly thread: number;
}

/** A node with threads, as far as a simulation knows it. */
export class SimulatedNode implements ScheduledNode {
  readonly hello: ScheduledNode['hello'];
  unheardChecks = 0;
  isLost = false;
  /** How many times as long its tasks take, and its transfers. */
  readonly slowness: number;
  readonly #events: EventQueue;
  readonly #slots: TaskSlots;
  readonly #onSolved: (solved: Solved) => void;
  /** Tasks without a slot. */
  readonly #waiting: Attempt[] = [];
  /** By thread: the tasks that it holds; the first one runs. */
  readonly #held: readonly Attempt[][];

  /** @param depth tasks that a thread holds */
  constructor(
    events: EventQueue,
    settings: {
      readonly number: number;
      readonly threads: number;
      readonly depth: number;
      readonly slowness: number;
      readonly onSolved: (solved: Solved) => void;
    },
  ) {
    const { number, threads, depth, slowness, onSolved } = settings;
    this.#events = events;
    this.hello = { worker: `${number}`, name: `node ${number}`, threads };
    this.slowness = slowness;
    this.#slots = new TaskSlots({ workers: threads, depth });
    this.#held = Array.from({ length: threads }, () => []);
    this.#onSolved = onSolved;
  }

  /** Takes a task whose arithmetic takes `seconds` here. */
  take(task: SimulatedTask<SimulatedNode>, seconds: number): void {
    this.#waiting.push({ task, seconds, slot: undefined, startedAt: undefined, isOver: false });
    this.#fill();
  }

  /** Ends a task that another node has solved. */
  end(task: SimulatedTask<SimulatedNode>): void {
    const attempt = [this.#waiting, ...this.#held].flat().find((each) => each.task === task);
    if (attempt === undefined) return;
    attempt.isOver = true;
    const at = this.#waiting.indexOf(attempt);
    if (at >= 0) this.#waiting.splice(at, 1);
    else if (attempt.startedAt !== undefined) this.#leave(attempt);
  }

  #fill(): void {
    for (;;) {
      const slot = this.#slots.take(this.#waiting.length);
      if (slot === undefined) return;
      const attempt = this.#waiting.shift()!;
      attempt.slot = slot;
      const thread = slot % this.#held.length;
      this.#held[thread]!.push(attempt);
      if (this.#held[thread]!.length === 1) this.#run(thread);
    }
  }

  #run(thread: number): void {
    const attempt = this.#held[thread]![0];
    if (attempt === undefined) return;
    if (attempt.isOver) {
      this.#leave(attempt);
      return;
    }
    const { task, seconds } = attempt;
    const startedAt = this.#events.now;
    attempt.startedAt = startedAt;
    this.#events.after(seconds, () => {
      if (attempt.isOver || this.isLost) return;
      attempt.isOver = true;
      this.#leave(attempt);
      this.#onSolved({ task, startedAt, seconds, thread });
    });
  }

  /** A task is over, and its thread goes on. */
  #leave(attempt: Attempt): void {
    const thread = attempt.slot! % this.#held.length;
    this.#held[thread]!.shift();
    this.#slots.give(attempt.slot!);
    this.#run(thread);
    this.#fill();
  }
}
