import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type MachineSpeed, quantiles } from '../../../actors/planning/machine-figures.js';
import { pieceOfWork } from './piece-of-work.js';

/** How many cores are at work. */
export type CoresAtWork = keyof MachineSpeed;

/** Tells how fast the machine is now. */
export type Probe = () => MachineSpeed;

/** What the threads share: the number of the round, and how many have ended it. */
export const [roundAt, endedAt] = [0, 1];
/** The round in which the threads end. */
export const lastRound = -1;

/** How often a piece is done, since the speed may change after some milliseconds. */
const repetitions = 3;

/**
 * Tells how fast the machine is. Virtual machines share their cores with others: on the development
 * machine the same work takes up to 1.6 times as long for parts of a second or for minutes, and two
 * threads now hinder each other and now do not. What is measured between two probes is comparable to
 * what is measured between others if it is divided by their seconds.
 */
export class SpeedProbe {
  readonly #work = pieceOfWork();
  readonly #workers: readonly Worker[];
  readonly #state: Int32Array;
  readonly #seconds: Float64Array;
  readonly #known: MachineSpeed[] = [];

  private constructor(others: number) {
    this.#state = new Int32Array(new SharedArrayBuffer(8));
    this.#seconds = new Float64Array(new SharedArrayBuffer(8 * others));
    const program = new URL('./speed-program.js', import.meta.url);
    this.#workers = Array.from({ length: others }, (_, thread) => {
      const workerData = { state: this.#state, seconds: this.#seconds, thread };
      return new Worker(program, { workerData });
    });
  }

  /** Starts a thread for every core but one. They sleep between probes. */
  static async open(): Promise<SpeedProbe> {
    const probe = new SpeedProbe(availableParallelism() - 1);
    await Promise.all(probe.#workers.map((worker) => once(worker, 'message')));
    // Compiled by then.
    for (let n = 0; n < 3; n++) probe.probe();
    probe.#known.length = 0;
    return probe;
  }

  /** The speed now. It keeps the event loop for some 50 ms, so that nothing else runs here. */
  readonly probe: Probe = () => {
    let [alone, together] = [0, 0];
    for (let n = 0; n < repetitions; n++) alone += this.#work() / repetitions;
    for (let n = 0; n < repetitions; n++) together += this.#workTogether() / repetitions;
    const speed = { alone, together };
    this.#known.push(speed);
    return speed;
  };

  /** The median of all that was told so far, at least one. */
  usual(): MachineSpeed {
    const median = (cores: CoresAtWork) =>
      quantiles(
        this.#known.map((speed) => speed[cores]),
        [0.5],
      )[0]!;
    return { alone: median('alone'), together: median('together') };
  }

  async close(): Promise<void> {
    Atomics.store(this.#state, roundAt, lastRound);
    Atomics.notify(this.#state, roundAt);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #workTogether(): number {
    Atomics.store(this.#state, endedAt, 0);
    Atomics.add(this.#state, roundAt, 1);
    Atomics.notify(this.#state, roundAt);
    let sum = this.#work();
    const others = this.#workers.length;
    for (let ended = 0; ended < others; ended = Atomics.load(this.#state, endedAt)) {
      Atomics.wait(this.#state, endedAt, ended, 10_000);
    }
    for (const seconds of this.#seconds) sum += seconds;
    return sum / (1 + others);
  }
}

/** The speed between two probes. */
export function speedBetween(before: MachineSpeed, after: MachineSpeed): MachineSpeed {
  return {
    alone: (before.alone + after.alone) / 2,
    together: (before.together + after.together) / 2,
  };
}
