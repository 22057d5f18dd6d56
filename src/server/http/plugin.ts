import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServiceCore } from '../core.js';
import { BusyError, HttpError } from '../http-error.js';
import { requestIdOf, sendError } from './answers.js';
import { checkAccess, clientOf } from './auth.js';
import { addDocs } from './docs.js';
import { addOperationRoutes, type Reload } from './operation-routes.js';
import { addFeedbackRoutes, addListRoutes } from './routes.js';
import { requestChecks } from './validation.js';

/** What else the routes need. */
export interface PluginContext {
  readonly reload: Reload;
  /** Whether the application has nothing but the service. */
  readonly isAlone: boolean;
}

/**
 * Adds the routes of a service to a Fastify application, below its prefix. They do not depend on how
 * the application checks, serializes and reports errors, nor does it on them.
 */
export async function addService(
  app: FastifyInstance,
  core: ServiceCore,
  { reload, isAlone }: PluginContext,
): Promise<void> {
  const { tokens, adminTokens, limits, cors: origins } = core.options;
  app.setValidatorCompiler(requestChecks());
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) => sendError(core, request, reply, error));
  app.addHook('onRoute', (route) => {
    route.bodyLimit = limits.bodyBytes;
  });
  if (origins.length > 0) {
    await app.register(cors, { origin: origins.includes('*') ? '*' : [...origins] });
  }
  app.addHook('onRequest', async (request, reply) => {
    const since = performance.now();
    const isBusy = core.inWork >= limits.concurrency;
    core.inWork++;
    whenDone(reply.raw, () => {
      core.inWork--;
      report(core, request, reply.raw, (performance.now() - since) / 1000);
    });
    reply.header('x-request-id', requestIdOf(request));
    // The client connects again, to a service that stays.
    if (core.isDraining) reply.header('connection', 'close');
    if (isBusy && request.routeOptions.config.access !== 'open') {
      throw new BusyError(`${limits.concurrency} requests are in work`);
    }
    checkAccess(request, tokens, adminTokens);
  });
  await addDocs(app);
  if (limits.perSecond !== undefined) {
    await app.register(rateLimit, {
      ...{ max: limits.perSecond, timeWindow: 1000 },
      keyGenerator: (request) => clientOf(request, tokens),
      allowList: (request) => request.routeOptions.config.access === 'open',
      errorResponseBuilder: (_request, { max }) =>
        new HttpError(
          ...([
            429,
            'ERR_TOO_MANY_REQUESTS',
            `found more than ${max} requests a second`,
            1,
          ] as const),
        ),
    });
  }
  addListRoutes(app, core);
  addFeedbackRoutes(app, core);
  addOperationRoutes(app, core, reload);
  const notFound = (request: FastifyRequest): never => {
    const message = `found no route ${request.method} of this path; expected one of /openapi.json; try /docs`;
    throw new HttpError(404, 'ERR_NOT_FOUND', message);
  };
  // Without a prefix the application answers unknown paths.
  if (app.prefix !== '' || isAlone) app.setNotFoundHandler(notFound);
}

/** Calls back once: when an answer is sent, or its connection is gone. */
function whenDone(response: NodeJS.EventEmitter, done: () => void): void {
  let isDone = false;
  const once = () => {
    if (!isDone) done();
    isDone = true;
  };
  response.once('finish', once);
  response.once('close', once);
}

/** The status of requests whose clients went away, as proxies log it. */
const clientGone = 499;

function report(
  core: ServiceCore,
  request: FastifyRequest,
  { statusCode, writableEnded }: { statusCode: number; writableEnded: boolean },
  seconds: number,
): void {
  const status = writableEnded ? statusCode : clientGone;
  const route = request.routeOptions.url ?? 'none';
  const { method } = request;
  core.metrics.request(method, route, status, seconds);
  const { generation } = core;
  const requestId = requestIdOf(request);
  core.tell({ type: 'request', requestId, method, route, status, seconds, generation });
}
