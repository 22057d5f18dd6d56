import { TaskSlots } from '../../../src/task-slots.js';
import type { ScheduledNode } from '../../placements/nodes/scheduling/phase-board.js';
import type { EventQueue } from './event-queue.js';
import type { Attempt, Solver } from './simulated-attempt.js';
import type { SimulatedTask } from './simulated-task.js';

/** A task, and one at a node, as simulated nodes have them. */
export type NodeTask = SimulatedTask<SimulatedNode>;
export type NodeAttempt = Attempt<SimulatedNode>;

/** The settings of a simulated node. */
export interface NodeSettings {
  readonly number: number;
  /** Whether it is the only one, and needs no name. */
  readonly isAlone: boolean;
  readonly inProcess: boolean;
  readonly threads: number;
  /** Tasks that a thread holds. */
  readonly depth: number;
  readonly slowness: number;
  /** Seconds that an answer is on its way. */
  readonly latency: number;
  readonly onAnswer: (attempt: NodeAttempt) => void;
}

/** A node with threads, as far as a simulation knows it. */
export class SimulatedNode implements ScheduledNode, Solver<SimulatedNode> {
  readonly hello: ScheduledNode['hello'];
  unheardChecks = 0;
  isLost = false;
  /** Tasks whose rows it has to send, the one under way first. */
  readonly outbox: NodeTask[] = [];
  /** How many times as long its tasks take, and its transfers. */
  readonly slowness: number;
  readonly #events: EventQueue;
  readonly #latency: number;
  readonly #slots: TaskSlots;
  readonly #onAnswer: (attempt: NodeAttempt) => void;
  /** Tasks without a slot. */
  readonly #waiting: NodeAttempt[] = [];
  /** By thread: its name. */
  readonly #places: readonly string[];
  /** By thread: the tasks that it holds; the first one runs. */
  readonly #held: readonly NodeAttempt[][];

  constructor(events: EventQueue, settings: NodeSettings) {
    const { number, isAlone, inProcess, threads, depth, slowness, latency, onAnswer } = settings;
    this.#events = events;
    this.hello = { worker: `${number}`, name: `node ${number}`, threads };
    const places = Array.from({ length: threads }, (_, thread) => `thread ${thread}`);
    if (isAlone) this.#places = inProcess ? ['event loop'] : places;
    else this.#places = places.map((place) => `node ${number}, ${place}`);
    this.slowness = slowness;
    this.#latency = latency;
    this.#slots = new TaskSlots({ workers: threads, depth });
    this.#held = Array.from({ length: threads }, () => []);
    this.#onAnswer = onAnswer;
  }

  /** Where an attempt runs, as a report says it. */
  placeOf({ slot }: NodeAttempt): string {
    return this.#places[slot % this.#held.length]!;
  }

  /** Takes a task that has arrived. */
  take(attempt: NodeAttempt): void {
    this.#waiting.push(attempt);
    this.#fill();
  }

  /** Ends a task that another node has solved. */
  end(task: NodeTask): void {
    const attempt = [this.#waiting, ...this.#held].flat().find((each) => each.task === task);
    if (attempt === undefined) return;
    attempt.isOver = true;
    const at = this.#waiting.indexOf(attempt);
    if (at >= 0) this.#waiting.splice(at, 1);
    else if (attempt.startedAt >= 0) this.#leave(attempt);
  }

  solve(attempt: NodeAttempt): void {
    if (attempt.isOver || this.isLost) return;
    attempt.isOver = true;
    attempt.isSolved = true;
    this.#leave(attempt);
    this.#events.after(this.#latency, attempt);
  }

  answer(attempt: NodeAttempt): void {
    this.#onAnswer(attempt);
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
    attempt.startedAt = this.#events.now;
    this.#events.after(attempt.seconds, attempt);
  }

  /** A task is over, and its thread goes on. */
  #leave(attempt: NodeAttempt): void {
    const thread = attempt.slot % this.#held.length;
    this.#held[thread]!.shift();
    this.#slots.give(attempt.slot);
    this.#run(thread);
    this.#fill();
  }
}
