import type { FastifyInstance } from 'fastify';

/** Answers web requests, as Hono, Next, Bun and Deno have them. */
export type RequestHandler = (request: Request) => Promise<Response>;

export interface HandlerOptions {
  /** Beginning of paths that the host leaves on, such as `/api/recommendations`. */
  readonly basePath: string;
  /** Longer bodies are not read. */
  readonly bodyBytes: number;
  /** Whether the application is closed, which then takes no request. */
  readonly isClosed: () => boolean;
}

/** Headers that belong to one connection, or are made anew. */
const ofConnection = ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'host'];

/**
 * A handler of web requests in front of an application that does not listen.
 *
 * @param open called at the first request
 */
export function requestHandler(
  open: () => Promise<FastifyInstance>,
  { basePath, bodyBytes, isClosed }: HandlerOptions,
): RequestHandler {
  return async (request) => {
    if (isClosed()) return closedAnswer();
    const app = await open();
    const { pathname, search, host } = new URL(request.url);
    const isBelow = pathname === basePath || pathname.startsWith(`${basePath}/`);
    const path = isBelow ? pathname.slice(basePath.length) : pathname;
    const headers = Object.fromEntries(request.headers);
    for (const name of ofConnection) delete headers[name];
    const body = await bodyOf(request, bodyBytes);
    if (isClosed()) return closedAnswer();
    const answer = await app.inject({
      // Methods that the application does not know are answered as unknown routes.
      method: request.method as 'GET',
      url: `${path === '' ? '/' : path}${search}`,
      headers: { ...headers, host },
      ...(body !== undefined && { payload: body }),
    });
    return new Response(isBodyless(answer.statusCode) ? null : new Uint8Array(answer.rawPayload), {
      status: answer.statusCode,
      headers: webHeaders(answer.headers),
    });
  };
}

function closedAnswer(): Response {
  const message = 'found a service that is closed; expected an open one; try again later';
  const error = { code: 'ERR_SERVICE_CLOSED', message };
  return Response.json({ error }, { status: 503, headers: { 'retry-after': '1' } });
}

/** Undefined without one. One byte more than is allowed is enough to be refused. */
async function bodyOf(request: Request, limit: number): Promise<Buffer | undefined> {
  if (request.body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > limit) break;
  }
  return bytes === 0 ? undefined : Buffer.concat(chunks);
}

function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function webHeaders(headers: Readonly<Record<string, unknown>>): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (ofConnection.includes(name) || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) result.append(name, String(each));
  }
  return result;
}
