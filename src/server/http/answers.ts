import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asError } from '../../../actors/as-error.js';
import type { ServiceCore } from '../core.js';
import { InteractionLogError } from '../service-errors.js';
import { answerFor } from './answer-error.js';

/** What a client may name its request, to find it in logs. */
const idPattern = /^[\w.:/=+-]{1,128}$/;

/** Where a request has its id. */
const idKey = Symbol('id of a request');

type Identified = FastifyRequest & { [idKey]?: string };

/** The id of a request: what its header `x-request-id` says, or one of its own. */
export function requestIdOf(request: Identified): string {
  // The same object for hooks and handlers, also where the service is mounted.
  let id = request[idKey];
  if (id === undefined) {
    const given = request.headers['x-request-id'];
    id = typeof given === 'string' && idPattern.test(given) ? given : randomUUID();
    request[idKey] = id;
  }
  return id;
}

/** Sends what was made, with the generation and the id of the request. */
export function send(
  reply: FastifyReply,
  request: FastifyRequest,
  generation: number,
  body: object,
): FastifyReply {
  const requestId = requestIdOf(request);
  reply.header('x-model-generation', generation);
  return reply.send({ ...body, generation, requestId });
}

/** Answers a request with an error, and reports faults of the service. */
export function sendError(
  core: ServiceCore,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const { status, code, message, retryAfter } = answerFor(error);
  const requestId = requestIdOf(request);
  if (status === 500 || error instanceof InteractionLogError) {
    const { message: found, stack } = asError(error);
    core.tell({ type: 'fault', message: status === 500 ? `${stack}` : found, requestId });
  }
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(status).type('application/json').header('x-model-generation', core.generation);
  return reply.send({ error: { code, message }, generation: core.generation, requestId });
}
