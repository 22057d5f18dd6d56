import { constants, type Stats } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InvalidOptionError, SourceError } from '../errors.js';
import type { Database } from './database.js';
import { literal } from './sql-text.js';
import { systemFailure } from './system-failure.js';

/**
 * The files behind a path or a pattern, in the order of their names; a URL stays what it is. None has
 * been opened, and all can be: they exist, are regular files, and may be read.
 *
 * Throws `SourceError` or `InvalidOptionError`.
 *
 * @param network whether http: and https: URLs are taken
 */
export async function expandPath(
  database: Database,
  path: string,
  network = false,
): Promise<string[]> {
  if (path.includes('\0')) {
    throw new InvalidOptionError('files', path, 'a path without NUL characters');
  }
  if (/^file:\/\//i.test(path)) return expandPath(database, pathOf(path), network);
  if (isUrl(path)) {
    if (!network) {
      throw new InvalidOptionError(
        'files',
        path,
        'a path of this machine, or network: true with it',
      );
    }
    if (/^https?:/i.test(path)) return [path];
    throw new InvalidOptionError(
      'files',
      path,
      'an http: or https: URL; an SQL query takes others, which are not checked before they are read',
    );
  }
  if (await isFile(path)) return [path];
  if (/[*?[]/.test(path)) {
    const pattern = literal(asLocal(path));
    const files = await database.column(`SELECT file FROM glob(${pattern}) ORDER BY file`);
    const found = files.map(String);
    for (const file of found) await isFile(file);
    if (found.length > 0) return found;
  }
  throw notFound(`no file ${path}`);
}

/** Whether a path is one of the network. */
export function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/** A path as DuckDB wants it in its SQL: the characters of patterns stand for themselves. */
export function asPattern(path: string): string {
  return asLocal(path).replaceAll(/[*?[]/g, '[$&]');
}

/** A path in which `~` is no home and `s3:` no place elsewhere. */
function asLocal(path: string): string {
  return /^(~|[a-z][a-z0-9+.-]+:)/i.test(path) ? `./${path}` : path;
}

/** A file without a single row. */
export function emptyFile(name: string): SourceError {
  return new SourceError(
    'ERR_EMPTY_FILE',
    `found no rows in ${name}; expected one rating a row; check that it was written completely`,
  );
}

/** Whether there is a file that can be read; what is there and is none is an error. */
async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw systemFailure(path, cause);
  });
  if (found === undefined) {
    const link = await lstat(path).catch(() => undefined);
    if (link?.isSymbolicLink()) throw notFound(`a link at ${path} that leads to no file`);
    return false;
  }
  if (found.isDirectory()) {
    throw new SourceError(
      'ERR_IS_DIRECTORY',
      `found a directory at ${path}; expected a file; try a pattern such as ${path}/*.csv`,
    );
  }
  checkRegular(path, found);
  if (found.size === 0) throw emptyFile(path);
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw systemFailure(path, cause);
  });
  return true;
}

/** Throws `SourceError` for a FIFO, a socket or a device: to open one may wait for ever. */
export function checkRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const kind = stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device';
  throw new SourceError(
    'ERR_NOT_A_FILE',
    `found ${kind} at ${path}; expected a regular file; try writing what it gives into one`,
  );
}

function notFound(found: string): SourceError {
  return new SourceError(
    'ERR_FILE_NOT_FOUND',
    `found ${found}; expected a file that exists; check the path, it is relative to ` +
      'the current directory',
  );
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new InvalidOptionError('files', url, `a file of this machine (${String(cause)})`);
  }
}
