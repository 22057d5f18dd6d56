import type { FastifyInstance } from 'fastify';
import type { ServiceCore } from '../core.js';
import { HttpError } from '../http-error.js';
import { send } from './answers.js';
import { answer, strict } from './schemas.js';

/** Another model is loaded and taken; undefined where the model has no path to load it from. */
export type Reload = (() => Promise<unknown>) | undefined;

/** Routes for those who run the service. */
export function addOperationRoutes(app: FastifyInstance, core: ServiceCore, reload: Reload): void {
  app.get(
    '/healthz',
    {
      config: { access: 'open' },
      schema: {
        ...{ summary: 'Whether the process lives', tags: ['operation'] },
        response: answer({ status: { type: 'string' } }),
      },
    },
    async (request, reply) => send(reply, request, core.generation, { status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'open' },
      schema: {
        ...{ summary: 'Whether to send requests here: not before the model, nor before the end' },
        ...{ tags: ['operation'], response: answer({ status: { type: 'string' } }) },
      },
    },
    async (request, reply) => {
      if (core.isReady) return send(reply, request, core.generation, { status: 'ready' });
      const found = core.isDraining ? 'the service is about to end' : 'the model is not there yet';
      throw new HttpError(503, 'ERR_NOT_READY', `found that ${found}; expected it ready`, 1);
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        ...{ summary: "Figures in Prometheus' format", tags: ['operation'] },
        produces: ['text/plain'],
      },
    },
    async (_request, reply) =>
      reply.type(core.metrics.registry.contentType).send(await core.metrics.registry.metrics()),
  );

  app.post<{ Querystring: { rollback?: boolean } }>(
    '/model',
    {
      config: { access: 'admin' },
      schema: {
        ...{ summary: 'Load the model again, or go back to the one before', tags: ['operation'] },
        querystring: strict({ rollback: { type: 'boolean' } }),
        response: answer({ taken: { type: 'integer' } }, ['taken']),
      },
    },
    async (request, reply) => {
      if (request.query.rollback === true) {
        const { number } = await core.rollback();
        return send(reply, request, number, { taken: number });
      }
      if (reload === undefined) {
        const message = 'found a model without a path; expected one to load it from again';
        throw new HttpError(409, 'ERR_NO_PATH', message);
      }
      await reload();
      return send(reply, request, core.generation, { taken: core.generation });
    },
  );
}
