import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/*
 * The page is served on loopback, where any web page that the user visits can send requests to:
 *
 * - `Host` must be loopback, or a name of the attacker that resolves to 127.0.0.1 could read all;
 * - what changes something needs the token that only the page knows, and the page's own `Origin`.
 */

/** A token that no other page can guess. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Whether a request is meant for this machine by name. Ports may differ: `ssh -L` forwards. */
export function isForLoopback({ headers: { host = '' } }: IncomingMessage): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** Whether a request comes from the page that has the token. */
export function isFromPage({ headers }: IncomingMessage, token: string): boolean {
  const { host, origin } = headers;
  const given = Buffer.from(String(headers['x-seesaw-token'] ?? ''));
  const wanted = Buffer.from(token);
  const isSameOrigin = origin === `http://${host}` || origin === `https://${host}`;
  return isSameOrigin && given.length === wanted.length && timingSafeEqual(given, wanted);
}
