import { supervisorAccess } from '../protocol/access.js';
import { uniqueJobId } from '../protocol/job-id.js';
import type { Bus } from '../transport/bus.js';
import { openBus } from '../transport/nats.js';
import type { NatsOptions } from '../transport/nats-options.js';

/** The connection of one job. */
export interface JobConnection {
  /** The job's id. */
  readonly job: string;
  readonly bus: Bus;
}

/** What a job's connection is opened with. */
export interface ConnectionSettings {
  readonly options: NatsOptions;
  /** First part of the job's id. */
  readonly prefix: string;
  /** How long the server may be away; seconds. */
  readonly deadline: number;
}

/**
 * Connects once a job. The connection that found the workers waits here until the job is made, and then
 * becomes the job's.
 */
export class JobConnections {
  readonly #settings: ConnectionSettings;
  readonly #waiting = new Set<JobConnection>();

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Connects. Rejects with `ConnectionError`, also where a permission is missing. */
  async connect(): Promise<JobConnection> {
    const { options, prefix, deadline } = this.#settings;
    const job = uniqueJobId(prefix);
    const bus = await openBus(options, `seesaw supervisor ${job}`, deadline);
    try {
      await bus.expectAccess(supervisorAccess);
    } catch (error) {
      await bus.close();
      throw error;
    }
    return { job, bus };
  }

  /** Keeps a connection for the next job. Closes it if `signal` aborts before. */
  keep(connection: JobConnection, signal: AbortSignal): void {
    const { bus } = connection;
    const close = () => {
      if (this.#waiting.delete(connection)) void bus.close();
    };
    if (signal.aborted) return void bus.close();
    this.#waiting.add(connection);
    signal.addEventListener('abort', close, { once: true });
    // The server may be given up meanwhile.
    void bus.closed.then(() => this.#waiting.delete(connection));
  }

  /** The connection that waits, or a new one. */
  async take(): Promise<JobConnection> {
    const [waiting] = this.#waiting;
    if (waiting === undefined) return this.connect();
    this.#waiting.delete(waiting);
    return waiting;
  }
}
