import type { FactorModel } from '../model/factor-model.js';
import type { ListenOptions } from './service-options.js';

/** Where a service listens, once it does. */
export interface ServiceListening {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
}

/** How a service ends. */
export interface ServiceClosing {
  /** So many seconds requests are answered while `/readyz` fails. Default 0. */
  readonly drainSeconds?: number | undefined;
}

/** A model in service, in three forms; they may be used together. */
export interface Service {
  /**
   * A Fastify plugin: `app.register(service.plugin, { prefix: '/recommendations' })`. Its checks,
   * errors and limits are its own; nothing of them reaches the application.
   */
  readonly plugin: (app: object, options?: object) => Promise<void>;
  /** Answers a web request, for Hono, Next, Bun, Deno and whatever else has them. Never rejects. */
  readonly handler: (request: Request) => Promise<Response>;
  /**
   * A server of its own. Rejects with `ListenError` if the port is taken, `InvalidOptionError`, and
   * after `close` with `ServiceError`.
   */
  listen(options?: ListenOptions): Promise<ServiceListening>;
  /** Number of the model in service; each change adds 1. */
  readonly generation: number;
  /**
   * Takes another model, or the one at a path, once it has passed its checks, has the interactions of
   * the log and has answered recent requests. Requests in work end with the model that they began
   * with. Resolves to the new `generation`. Rejects with what is wrong with it, such as
   * `ModelFileError`; then the old model stays.
   */
  swap(model: FactorModel | string): Promise<number>;
  /** `swap` with the path that the service was made with; without one it does nothing. */
  reload(reason?: 'program' | 'signal' | 'retrained'): Promise<number>;
  /**
   * Trains again now, as `options.retrain` says, and takes the model. Resolves to `generation`, at
   * once if another training is going on. Rejects with `RetrainError`, also without that option.
   */
  retrain(): Promise<number>;
  /** Takes the model before this one; see `keep`. Rejects with `ServiceError` if there is none. */
  rollback(): Promise<number>;
  /** Adds the figures of the process, such as its memory, to `/metrics`. Call it once a process. */
  measureProcess(): void;
  /** Makes `/readyz` fail, while requests are still answered, before `close`. */
  drain(): void;
  /**
   * Ends it: `/readyz` fails, requests in work are answered, servers close, the log is written. The
   * plugin's application is closed by its owner, before or after. Then `handler` answers 503, and methods that change the
   * model reject with `ServiceError`.
   */
  close(options?: ServiceClosing): Promise<void>;
}
