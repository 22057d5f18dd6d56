import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidOptionError, SeesawError, WatchError } from '../errors.js';
import { isForLoopback, isFromPage, newToken } from './guard-request.js';
import type { Control, Session } from './lines.js';
import { type PageFile, readPage } from './page-files.js';
import type { ModelQueries } from './query-model.js';
import { readControl } from './read-control.js';
import type { RunShelf } from './run-shelf.js';
import { sendLines } from './send-lines.js';
import { usualPort } from './usual-port.js';

/** How long a page has to take the last lines. */
const closeMs = 500;

/** What a page server shows and does. */
export interface PageSettings {
  readonly shelf: RunShelf;
  /** The run to show first. */
  readonly shown?: string | undefined;
  /** 0 for any free one; without it `usualPort`, or any free one if that is taken. */
  readonly port?: number | undefined;
  /** Actions that `onControl` takes; may change. */
  readonly controls?: () => Session['controls'];
  /** Throws `InvalidOptionError` for what cannot be done. */
  readonly onControl?: (control: Control) => void;
}

/** A page server that listens. */
export interface PageServer {
  /** `http://127.0.0.1:4173/` */
  readonly url: string;
  /** Lets the process end although the server is open. */
  unref(): void;
  /** Closes connections and the port. */
  close(): Promise<void>;
}

/** Styles and scripts are the page's own files; nothing is loaded from elsewhere or runs inline. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const commonHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * Serves the page of runs on the loopback interface.
 * Rejects with `WatchError` if the port is taken or the page is not built.
 */
export async function servePage(settings: PageSettings): Promise<PageServer> {
  const files = await readPage();
  const answer = answerer(settings, files);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    answer(request, response).catch((error) => fail(response, error));
  });
  const port = await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${port}/`,
    unref: () => void server.unref(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Pages get the last lines of a run that is over, and leave.
      const timer = setTimeout(() => server.closeAllConnections(), closeMs);
      await closed;
      clearTimeout(timer);
      await settings.shelf.close();
    },
  };
}

/** @returns the port */
async function listen(server: Server, port: number | undefined): Promise<number> {
  const tryPort = (each: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(each, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  try {
    return await tryPort(port ?? usualPort);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (port === undefined && code === 'EADDRINUSE') return tryPort(0);
    throw new WatchError(
      `found port ${port ?? usualPort} closed to this process (${code}); expected a free one; try another, or 0 for any`,
      { cause },
    );
  }
}

function answerer(settings: PageSettings, files: ReadonlyMap<string, PageFile>) {
  const { shelf, shown, onControl, controls = () => [] } = settings;
  const token = newToken();
  const session = randomBytes(4).toString('hex');
  const html = files.get('/index.html')!.content.toString().replace('%TOKEN%', token);

  const ask = async (query: URLSearchParams, by: (queries: ModelQueries) => unknown) => {
    const queries = await shelf.queries(query.get('run') ?? '');
    if (queries === undefined) throw new PageError(404, 'there is no model yet');
    return by(queries);
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isForLoopback(request)) throw new PageError(403, 'only for this machine');
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const text = (name: string) => query.get(name) ?? '';
    if (request.method === 'POST' && pathname === '/api/control') {
      if (!isFromPage(request, token)) throw new PageError(403, 'only for the page itself');
      const control = await readControl(request);
      if (onControl === undefined || !controls().includes(control.action)) {
        throw new PageError(409, `${control.action} is not possible here`);
      }
      onControl(control);
      return send(response, 'application/json', '{}');
    }
    if (request.method !== 'GET') throw new PageError(405, 'GET only');
    switch (pathname) {
      case '/':
        return send(response, files.get('/index.html')!.type, html);
      case '/api/session': {
        const runs = await shelf.list();
        const answer: Session = { runs, shown: shown ?? runs[0]?.id ?? '', controls: controls() };
        return sendJson(response, answer);
      }
      case '/api/events': {
        const log = await shelf.log(text('run'));
        if (log === undefined) throw new PageError(404, 'there is no such run');
        const last = request.headers['last-event-id'] ?? text('after');
        const [of, next] = String(last).split('-');
        // Of an earlier server: its numbers mean other lines.
        const from = of === session && /^\d{1,9}$/.test(next ?? '') ? Number(next) : 0;
        return sendLines(log, response, { session, from: Math.min(from, log.end) });
      }
      case '/api/curves': {
        const log = await shelf.log(text('run'));
        if (log === undefined) throw new PageError(404, 'there is no such run');
        const { lines } = log.read(0, Number.POSITIVE_INFINITY);
        const curves = lines.filter((line) => !line.includes('"type":"phase"'));
        return send(response, 'application/x-ndjson', curves.join('\n'));
      }
      case '/api/find':
        return sendJson(response, await ask(query, (model) => model.find(text('text'))));
      case '/api/user':
        return sendJson(response, await ask(query, (model) => model.user(text('user'))));
      case '/api/item':
        return sendJson(response, await ask(query, (model) => model.item(text('item'))));
      case '/api/why':
        return sendJson(
          response,
          await ask(query, (model) => model.why(text('user'), text('item'))),
        );
      default: {
        const file = files.get(pathname);
        if (file === undefined) throw new PageError(404, 'not found');
        return send(response, file.type, file.content);
      }
    }
  };
}

/** What a request is answered with if it cannot be served. */
export class PageError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function sendJson(response: ServerResponse, answer: unknown): void {
  send(response, 'application/json', JSON.stringify(answer));
}

function send(response: ServerResponse, type: string, content: string | Buffer): void {
  response.setHeader('content-type', type);
  response.end(content);
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const isBad = error instanceof InvalidOptionError;
  const known = error instanceof SeesawError ? (isBad ? 400 : 404) : 500;
  response.statusCode = error instanceof PageError ? error.status : known;
  const message = error instanceof Error ? error.message : String(error);
  send(response, 'application/json', JSON.stringify({ message }));
}
