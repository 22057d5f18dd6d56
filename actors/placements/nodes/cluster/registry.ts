import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import { packageVersion } from '../../../../src/version.js';
import { takesJob } from '../protocol/job-id.js';
import { type Hello, protocolVersion } from '../protocol/messages.js';

/** What a job needs of workers, and when they count as silent. */
export interface RegistrySettings {
  readonly job: string;
  /** The job's, once that is decided. */
  readonly kernel?: KernelName;
  /** Whether workers must read the ratings. */
  readonly needsData?: boolean;
  readonly maxMissedTicks: number;
}

interface Entry {
  readonly hello: Hello;
  missedTicks: number;
}

/** Caps misfit reports, so that fake workers cannot flood the event stream. */
const maxMisfits = 1_000;

/**
 * The workers that say hello, until they fall silent. Time counts in ticks of this process, so that
 * no worker seems silent because this process slept.
 */
export class WorkerRegistry {
  readonly #settings: RegistrySettings;
  readonly #entries = new Map<string, Entry>();
  /** Workers that refused this job, and why. */
  readonly #refusals = new Map<string, string>();
  /** Workers that `newMisfit` has reported. */
  readonly #misfits = new Set<string>();

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /** Notes a hello, unless a worker with another key has that name. */
  hear(hello: Hello): void {
    const known = this.#entries.get(hello.worker);
    if (known !== undefined && known.hello.key !== hello.key) return;
    this.#entries.set(hello.worker, { hello, missedTicks: 0 });
  }

  /** Notes a worker that refused. It is not asked again. */
  refuse(worker: string, reason: string): void {
    this.#refusals.set(worker, reason);
  }

  /** Removes a worker until it says hello again. */
  forget(worker: string): void {
    this.#entries.delete(worker);
  }

  /**
   * Counts a tick.
   *
   * @returns workers that have fallen silent with it
   */
  tick(): Hello[] {
    const silent = [...this.#entries.values()].filter(
      (entry) => ++entry.missedTicks >= this.#settings.maxMissedTicks,
    );
    for (const { hello } of silent) this.#entries.delete(hello.worker);
    return silent.map(({ hello }) => hello);
  }

  /** Workers that could take the job, in the order of their names. */
  candidates(): Hello[] {
    return [...this.#entries.values()]
      .map(({ hello }) => hello)
      .filter((hello) => this.#obstacle(hello) === undefined)
      .sort((a, b) => (a.worker < b.worker ? -1 : 1));
  }

  /** Why a worker can never take the job; undefined if it can. */
  misfit({ protocol, version, kernels, hasData }: Hello): string | undefined {
    const { kernel, needsData } = this.#settings;
    if (version !== packageVersion) return `version ${version}, not ${packageVersion}`;
    if (protocol !== protocolVersion) return `protocol ${protocol}, not ${protocolVersion}`;
    if (needsData && !hasData) return 'has no data folder; start it with --data <folder>';
    if (kernel === undefined || kernels.includes(kernel)) return undefined;
    return `cannot run kernel ${kernel}, only ${kernels.join(', ')}`;
  }

  /** As `misfit`, but once for each worker, and for `maxMisfits` workers at most. */
  newMisfit(hello: Hello): string | undefined {
    const reason = this.misfit(hello);
    if (reason === undefined || this.#misfits.has(hello.worker)) return undefined;
    if (this.#misfits.size === maxMisfits) return undefined;
    this.#misfits.add(hello.worker);
    return reason;
  }

  /** All workers, for people: `alpha (2 threads), beta (has job ml-1f3a)`. */
  describe(): string {
    if (this.#entries.size === 0) return 'no worker';
    return [...this.#entries.values()]
      .map(({ hello }) => `${hello.name} (${this.#obstacle(hello) ?? threadsOf(hello)})`)
      .join(', ');
  }

  /** Why a worker cannot take the job; undefined if it can. */
  #obstacle(hello: Hello): string | undefined {
    const { worker, jobs, job } = hello;
    const misfit = this.misfit(hello);
    if (misfit !== undefined) return misfit;
    if (!takesJob(jobs, this.#settings.job)) return `takes jobs like ${jobs}`;
    if (job !== undefined && job !== this.#settings.job) return `has job ${job}`;
    return this.#refusals.get(worker);
  }
}

function threadsOf({ threads }: Hello): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
