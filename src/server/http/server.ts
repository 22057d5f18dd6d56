import fastify, { type FastifyInstance } from 'fastify';
import { asError } from '../../../actors/as-error.js';
import type { ServiceCore } from '../core.js';
import { ListenError } from '../service-errors.js';
import { sendError } from './answers.js';
import { answerClientError } from './client-error.js';
import type { Reload } from './operation-routes.js';
import { addService } from './plugin.js';

/** An application that has nothing but the service. */
export async function openApplication(
  core: ServiceCore,
  reload: Reload,
  { trustProxy = false }: { readonly trustProxy?: boolean } = {},
): Promise<FastifyInstance> {
  const timeoutMs = core.options.limits.requestSeconds * 1000;
  const app = fastify({
    trustProxy,
    // A busy machine may need longer than Fastify's 10 s to load what the routes need.
    pluginTimeout: 120_000,
    // Slow clients: for the header, for all of a request, for reading on.
    requestTimeout: timeoutMs,
    connectionTimeout: Math.max(2 * timeoutMs, 1000),
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(1000, timeoutMs),
      maxHeaderSize: 16_384,
    },
    return503OnClosing: false,
    routerOptions: { maxParamLength: 2_048 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      sendError(core, request, reply, error);
    },
  });
  await app.register((instance) => addService(instance, core, { reload, isAlone: true }));
  await app.ready();
  return app;
}

/** Listens, and gives the address for people. Rejects with `ListenError`. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === 'EADDRINUSE' ? 'another program' : asError(cause).message;
    const isElsewhere = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    throw new ListenError(
      isElsewhere
        ? `found no address ${host} on this machine; expected one of its own; try 127.0.0.1, or :: for all`
        : `found ${found} at ${host}:${port}; expected a free port; try another, or 0 for any`,
      { cause },
    );
  }
  const address = app.server.address();
  const used = typeof address === 'object' && address !== null ? address.port : port;
  const name = host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${used}`;
}

/** Ends a server: requests in work are answered, for at most so many seconds. */
export async function closeApplication(app: FastifyInstance, seconds: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), seconds * 1000);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
  }
}
