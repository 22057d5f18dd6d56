import { setMaxListeners } from 'node:events';
import { StoppedError } from '../../../../src/errors.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { NodeLostError } from '../../../errors.js';
import { dataName, type JobData } from '../protocol/job-data.js';
import {
  encode,
  type Hello,
  type NodeAnswer,
  type NodeCommand,
  subjects,
} from '../protocol/messages.js';
import type { Seal } from '../seal/seal.js';
import type { Bus } from '../transport/bus.js';
import { InFlightLimit } from '../transport/in-flight-limit.js';
import { HeldRows } from './held-rows.js';

/** A command without its number. */
type Request = WithoutNumber<NodeCommand>;
type WithoutNumber<Command> = Command extends unknown ? Omit<Command, 'number'> : never;

/** A node that has joined a job or is joining, as the supervisor sees it. */
export class Node {
  readonly hello: Hello;
  /** Whether it holds some blocks only, because it has too little memory for the whole job. */
  readonly inParts: boolean;
  /** The parts that it has, or is being sent, if it is `inParts`. */
  readonly parts: {
    readonly side: Side;
    readonly blocks: readonly number[];
    readonly coming: Promise<void>;
  }[] = [];
  /** Number of commands that it works on, by its last hello. */
  busy = 0;
  /** Whether it has reported that its GPU failed. */
  hasGpuFault = false;
  /** Checks in a row that found its commands without a subscriber. */
  unheardChecks = 0;
  /** Whether it has ever acknowledged rows. */
  hasTakenRows = false;
  /** Ticks since it last answered, while an answer is owed; and those of them that it was idle in. */
  #owedTicks = 0;
  #idleTicks = 0;
  /** Limits of the bytes on their way to it and from it. */
  readonly sending = new InFlightLimit();
  readonly fetching = new InFlightLimit();
  /** Rows that it has, or is being sent. */
  readonly held = new HeldRows();
  /** Seals the messages to it and from it. */
  readonly seal: Seal;
  /** Whether an answer in its name had a wrong seal. */
  wasForged = false;
  readonly #bus: Bus;
  readonly #job: string;
  readonly #waiting = new Map<number, (answer: NodeAnswer | Error) => void>();
  /** By name: the data that it has, or is being sent. */
  readonly #given = new Map<string, Promise<void>>();
  readonly #losing = new AbortController();
  /** Numbers of dropped tasks that it has not answered. */
  readonly #dropped = new Set<number>();
  /** Those of phases that are over. */
  #overdue: ReadonlySet<number> = new Set();

  constructor(bus: Bus, job: string, hello: Hello, seal: Seal, inParts = false) {
    this.seal = seal;
    this.inParts = inParts;
    this.#bus = bus;
    this.#job = job;
    this.hello = hello;
    // Every piece on its way listens.
    setMaxListeners(0, this.#losing.signal);
  }

  /** Whether it is lost. */
  get isLost(): boolean {
    return this.#losing.signal.aborted;
  }

  /**
   * Sends a command and resolves with its answer. Rejects with `NodeLostError` if the node is lost
   * meanwhile.
   *
   * @param number that no other command of the job has
   * @param over when aborted, the node drops the task and this rejects with `StoppedError`
   */
  ask(number: number, request: Request, over?: AbortSignal): Promise<NodeAnswer> {
    const { worker, name } = this.hello;
    if (this.isLost) return Promise.reject(new NodeLostError(name, 'it was lost before'));
    const subject =
      request.type === 'join' ? subjects.join(worker) : subjects.command(this.#job, worker);
    return new Promise((resolve, reject) => {
      over?.addEventListener('abort', () => this.#drop(number), { once: true });
      this.#waiting.set(number, (answer) => {
        this.#waiting.delete(number);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      this.#bus
        .deliver(subject, this.#sealed(subject, { ...request, number }), this.#losing.signal)
        // `lose` rejects the promise.
        .catch(() => {});
    });
  }

  /**
   * Takes an answer.
   *
   * @returns false if no request waits for it
   */
  take(answer: NodeAnswer): boolean {
    if (!('number' in answer)) return false;
    this.#owedTicks = 0;
    this.#idleTicks = 0;
    const waiting = this.#waiting.get(answer.number);
    waiting?.(answer);
    const wasDropped = this.#dropped.delete(answer.number);
    return waiting !== undefined || (wasDropped && answer.type === 'failed');
  }

  /**
   * Counts a tick in which it is alive.
   *
   * @returns ticks in a row that it owes an answer, and ticks in a row that it is idle meanwhile
   */
  tick(): { readonly owed: number; readonly idle: number } {
    const owes = this.#waiting.size > 0 || this.#dropped.size > 0;
    this.#owedTicks = owes ? this.#owedTicks + 1 : 0;
    this.#idleTicks = owes && this.busy === 0 ? this.#idleTicks + 1 : 0;
    return { owed: this.#owedTicks, idle: this.#idleTicks };
  }

  /** A phase is over: its dropped tasks must end before the node's memory may change. */
  endPhase(): void {
    this.#overdue = new Set(this.#dropped);
  }

  /** Whether it still works for a phase that is over. */
  get isBehind(): boolean {
    return !this.isLost && [...this.#overdue].some((number) => this.#dropped.has(number));
  }

  #drop(number: number): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    waiting(new StoppedError());
    this.#dropped.add(number);
    const subject = subjects.command(this.#job, this.hello.worker);
    this.#bus
      .deliver(subject, this.#sealed(subject, { type: 'drop', number }), this.#losing.signal)
      // It is lost, and will not answer.
      .catch(() => {});
  }

  /** The content of an answer in its name. Throws if the seal is wrong: damaged or forged. */
  open(payload: Uint8Array): Uint8Array {
    return this.seal.open(subjects.answer(this.#job, this.hello.worker), payload);
  }

  #sealed(subject: string, command: NodeCommand): Uint8Array {
    return this.seal.close(subject, encode(command));
  }

  /**
   * Calls `listener` once when the node is lost.
   *
   * @returns what ends that
   */
  onLost(listener: () => void): () => void {
    const { signal } = this.#losing;
    signal.addEventListener('abort', listener);
    return () => signal.removeEventListener('abort', listener);
  }

  /** Rejects with `NodeLostError` as soon as the node is lost, though `work` may go on. */
  async orLost<Result>(work: Promise<Result>): Promise<Result> {
    let forget = (): void => {};
    const lost = new Promise<never>((_, reject) => {
      const fail = (): void =>
        reject(new NodeLostError(this.hello.name, String(this.#losing.signal.reason)));
      forget = this.onLost(fail);
      if (this.isLost) fail();
    });
    try {
      return await Promise.race([work, lost]);
    } finally {
      forget();
    }
  }

  /** Fails everything that waits for this node. */
  lose(reason: string): void {
    if (this.isLost) return;
    this.#losing.abort(reason);
    const error = new NodeLostError(this.hello.name, reason);
    for (const settle of [...this.#waiting.values()]) settle(error);
  }

  /** Sends the node data that it has not been sent. */
  give(data: JobData, send: () => Promise<void>): Promise<void> {
    const name = dataName(data);
    const given = this.#given.get(name);
    if (given !== undefined) return given;
    const giving = send();
    this.#given.set(name, giving);
    // It can be tried again.
    giving.catch(() => this.#given.delete(name));
    return giving;
  }
}
