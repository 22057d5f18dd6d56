import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { answerFor } from './answer-error.js';

/** By the code of Node's HTTP parser; 400 for all others. */
const faults: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'found no whole request within the time for one; expected it sooner; try again',
  ],
  HPE_HEADER_OVERFLOW: [
    431,
    'found headers and an address that are too long; expected shorter ones; put ids into a body',
  ],
};

const noRequest: readonly [status: number, message: string] = [
  400,
  'found bytes that are no request; expected one of HTTP/1.1; check the client, and what it encodes',
];

/** Answers what is no request, or none in time, as any other error, and closes the connection. */
export function answerClientError(fault: Error, socket: Socket): void {
  const { code: found = '' } = fault as NodeJS.ErrnoException;
  if (found === 'ECONNRESET' || socket.destroyed) return;
  const [statusCode, said] = faults[found] ?? noRequest;
  const { code, message } = answerFor({ statusCode, message: said });
  const body = JSON.stringify({ error: { code, message } });
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nContent-Type: application/json\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(fault);
}
