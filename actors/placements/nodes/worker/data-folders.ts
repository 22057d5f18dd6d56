import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidOptionError } from '../../../../src/errors.js';

/**
 * Folders that a worker may read, as absolute paths, and the targets of links among them. Throws
 * `InvalidOptionError` for a path that is not a folder.
 */
export async function dataFolders(folders: readonly string[] = []): Promise<string[]> {
  if (!Array.isArray(folders)) throw notFolders(folders);
  const found = new Set<string>();
  for (const folder of folders) {
    if (typeof folder !== 'string' || folder === '') throw notFolders(folder);
    const stats = await stat(folder).catch(() => undefined);
    if (!stats?.isDirectory()) throw notFolders(folder);
    found.add(resolve(folder));
    found.add(await realpath(folder));
  }
  return [...found];
}

function notFolders(found: unknown): InvalidOptionError {
  return new InvalidOptionError('data', found, 'a list of folders that are there');
}
