import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAlive } from './is-alive.js';

/**
 * Names one write, so that files of two writers never share a name, and that files of a dead writer
 * can be distinguished from those that a live writer needs:
 *
 *     1c9a04f7-00001f3e-9d03b5e2     place, process, random
 */
export type WriterToken = string;

/** Matches a token inside a name. */
export const tokenPattern = '[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}';

/** Age after which a file counts as abandoned if nothing is known about its writer. */
const oneDayMs = 24 * 3600 * 1000;

/** Tokens of this process that are in use. */
const inUse = new Set<WriterToken>();

/** Lends a token to `write` for as long as it runs. */
export async function withToken<Result>(
  write: (token: WriterToken) => Promise<Result>,
): Promise<Result> {
  const token = takeToken();
  try {
    return await write(token);
  } finally {
    giveBackToken(token);
  }
}

/** A token that is in use until it is given back. */
export function takeToken(): WriterToken {
  const token = `${herePlace()}-${hex8(process.pid)}-${randomBytes(4).toString('hex')}`;
  inUse.add(token);
  return token;
}

/** Ends the use of a token. */
export function giveBackToken(token: WriterToken): void {
  inUse.delete(token);
}

/**
 * Whether the writer of a token is surely dead: its process has ended. For processes elsewhere, and
 * for process numbers that may be reused, only the age of the file decides.
 *
 * @param changedMs when the file was last written to, by `Date.now()`
 */
export function isAbandoned(token: WriterToken, changedMs: number): boolean {
  if (inUse.has(token)) return false;
  const [place, pid] = token.split('-');
  if (place === herePlace() && !isAlive(Number.parseInt(pid!, 16))) return true;
  return Date.now() - changedMs > oneDayMs;
}

let place: string | undefined;

/** Where a process number means something: this machine, since it started, in this container. */
function herePlace(): string {
  place ??= createHash('sha256')
    .update(hostname())
    .update(orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))
    .update(orNothing(() => readlinkSync('/proc/self/ns/pid')))
    .digest('hex')
    .slice(0, 8);
  return place;
}

/** Systems other than Linux have no such files. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0').slice(-8);
}
