import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SourceError } from '../errors.js';
import type { Database } from './database.js';
import { compressionOf, firstBytes } from './decompress.js';
import { emptyFile } from './expand-path.js';
import type { InputFile } from './input-file.js';
import { systemRefusal } from './system-failure.js';

/*
 * Input that can be read only once, or that others may change, is copied into the database's own
 * folder: it is checked before it is read, so both must see the same bytes.
 */

/** Standard input as a file. Throws `SourceError` if it is empty, and the signal's reason. */
export function copyStdin(database: Database): Promise<InputFile> {
  return copyOf(database, 'standard input', async () => process.stdin);
}

/**
 * The content of an http: or https: address, as a file. Throws `SourceError` if there is none, and
 * the signal's reason.
 */
export function download(database: Database, url: string): Promise<InputFile> {
  return copyOf(database, url, async (signal) => {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    return Readable.fromWeb(response.body);
  });
}

async function copyOf(
  database: Database,
  name: string,
  open: (signal: AbortSignal | undefined) => Promise<Readable>,
): Promise<InputFile> {
  const { signal } = database;
  const path = join(await database.scratch(), `copy-${copies++}`);
  try {
    const target = createWriteStream(path, { mode: 0o600 });
    await pipeline(await open(signal), target, ...(signal ? [{ signal }] : []));
  } catch (cause) {
    signal?.throwIfAborted();
    throw (
      systemRefusal(name, cause) ??
      new SourceError(
        'ERR_UNREADABLE_SOURCE',
        `found nothing at ${name} (${reasonOf(cause)}); expected a file there; check the address`,
        { cause },
      )
    );
  }
  if ((await stat(path)).size === 0) throw emptyFile(name);
  // DuckDB decides by the ending.
  const ending = { none: '', gzip: '.gz', zstd: '.zst' }[compressionOf(await firstBytes(path))];
  if (ending !== '') await rename(path, path + ending);
  return { path: path + ending, name };
}

/** The cause of an error of `fetch` says more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

let copies = 0;
