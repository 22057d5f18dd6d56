import type { ServerResponse } from 'node:http';
import type { LineLog } from './event-log.js';

/** Pages get news so often at most; a training that is faster fills one message. */
const pauseMs = 500;
/** Proxies and browsers drop connections that are silent for long. */
const silenceMs = 15_000;
/** Of a message, characters. */
const messageLength = 2 ** 18;

/**
 * Sends a log as server-sent events, from a line on, until the page leaves or the log is closed. A
 * message holds several lines; its id is the number of the line that follows, after the session.
 *
 *     id: 3f2a-17
 *     data: {"at":0.1,"type":"started",…}
 *     data: {"at":0.3,"type":"phase",…}
 *
 * A slow page does not cost memory: it reads from the log when its connection takes more.
 */
export function sendLines(
  log: LineLog,
  response: ServerResponse,
  { session, from }: { readonly session: string; readonly from: number },
): void {
  let next = from;
  let timer: NodeJS.Timeout | undefined;
  let isFull = false;
  let sentMs = 0;

  const flush = (): void => {
    timer = undefined;
    if (isFull) return;
    while (next < log.end) {
      const { lines, next: after } = log.read(next, messageLength);
      next = after;
      if (lines.length === 0) continue;
      const data = lines.map((line) => `data: ${line}\n`).join('');
      sentMs = performance.now();
      isFull = !response.write(`id: ${session}-${next}\n${data}\n`);
      if (isFull) return;
    }
    // The page leaves by itself; without this it would connect again.
    if (log.isClosed) response.end('event: end\ndata:\n\n');
  };
  const wake = (): void => {
    const wait = Math.max(0, sentMs + pauseMs - performance.now());
    timer ??= setTimeout(flush, wait).unref();
  };
  const ignore = log.listen(wake);
  const beat = setInterval(() => {
    if (!isFull) isFull = !response.write(': still here\n\n');
  }, silenceMs).unref();

  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.on('drain', () => {
    isFull = false;
    flush();
  });
  response.on('close', () => {
    ignore();
    clearInterval(beat);
    clearTimeout(timer);
  });
  response.write('retry: 1000\n\n');
  flush();
}
