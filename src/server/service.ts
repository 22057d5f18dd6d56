import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { FactorModel } from '../model/factor-model.js';
import { loadModel } from '../model/store/load-model.js';
import { checkModel } from './check-model.js';
import type { ServiceCore } from './core.js';
import { requestHandler } from './http/handler.js';
import type { Reload } from './http/operation-routes.js';
import { addService } from './http/plugin.js';
import { closeApplication, listen, openApplication } from './http/server.js';
import { type Retraining, startRetraining } from './retrain/start-retraining.js';
import type { Service, ServiceClosing, ServiceListening } from './service-contract.js';
import { RetrainError, ServiceError } from './service-errors.js';
import type { SwapReason } from './service-event.js';
import { type ListenOptions, resolveListenOptions } from './service-options.js';
import { watchModel } from './watch-model.js';

/** How long requests in work may take at the end, in seconds. */
const closeSeconds = 10;

/** A service with its first model: what `createService` gives. */
export async function openService(
  core: ServiceCore,
  model: FactorModel | string,
  basePath: string,
): Promise<Service> {
  const path = typeof model === 'string' ? model : undefined;
  const load = () => (path === undefined ? Promise.resolve(model as FactorModel) : loadModel(path));
  // What is saved from here on is noticed.
  const watch =
    path !== undefined && core.options.watch
      ? await watchModel(path, () => core.take(load, 'file').catch(() => {}))
      : undefined;
  let retraining: Retraining | undefined;
  try {
    retraining = startRetraining(core, path, watch, () => core.take(load, 'retrained'));
    await core.take(load, 'start');
  } catch (error) {
    watch?.stop();
    retraining?.stop();
    throw error;
  }
  const reload = path === undefined ? undefined : (reason: SwapReason) => core.take(load, reason);
  const reloadOnRequest: Reload = reload && (() => reload('request'));
  const servers: FastifyInstance[] = [];
  let inner: Promise<FastifyInstance> | undefined;
  let closing: Promise<void> | undefined;
  let isClosed = false;

  const close = async ({ drainSeconds = 0 }: ServiceClosing) => {
    core.drain();
    watch?.stop();
    retraining?.stop();
    if (drainSeconds > 0 && servers.length > 0) await sleep(drainSeconds * 1000);
    isClosed = true;
    await Promise.all(servers.map((server) => closeApplication(server, closeSeconds)));
    await (await inner)?.close();
    await core.close();
    core.tell({ type: 'closed' });
  };

  const checkOpen = () => {
    if (closing === undefined) return;
    const message =
      'found a service that is closed; expected an open one; try createService(…) again';
    throw new ServiceError('ERR_SERVICE_CLOSED', message);
  };

  return {
    plugin: (app) =>
      addService(app as FastifyInstance, core, { reload: reloadOnRequest, isAlone: false }),
    handler: requestHandler(
      () => {
        inner ??= openApplication(core, reloadOnRequest);
        return inner;
      },
      { basePath, bodyBytes: core.options.limits.bodyBytes, isClosed: () => isClosed },
    ),
    get generation() {
      return core.generation;
    },
    async listen(options: ListenOptions = {}): Promise<ServiceListening> {
      checkOpen();
      const { host, port, trustProxy } = resolveListenOptions(
        options,
        core.options.tokens.length > 0,
      );
      const app = await openApplication(core, reloadOnRequest, { trustProxy });
      const url = await listen(app, host, port);
      servers.push(app);
      core.tell({ type: 'listening', url, host, isOpen: core.options.tokens.length === 0 });
      return { url };
    },
    async swap(next) {
      checkOpen();
      checkModel(next);
      const taken = () => (typeof next === 'string' ? loadModel(next) : Promise.resolve(next));
      return (await core.take(taken, 'program')).number;
    },
    async reload(reason = 'program') {
      checkOpen();
      return reload === undefined ? core.generation : (await reload(reason)).number;
    },
    async retrain() {
      checkOpen();
      if (retraining === undefined) {
        const message =
          'found no retrain among the options of createService; expected { schedule, from }';
        throw new RetrainError(message);
      }
      await retraining.now();
      return core.generation;
    },
    async rollback() {
      checkOpen();
      return (await core.rollback()).number;
    },
    measureProcess: () => core.metrics.measureProcess(),
    drain: () => core.drain(),
    close(options = {}) {
      closing ??= close(options);
      return closing;
    },
  };
}
