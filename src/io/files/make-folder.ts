import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are missing, one level at a time: Node's own recursion
 * never ends where a parent takes no folders, as below `/proc`.
 *
 * @returns absolute paths of the folders that were made, the outermost first
 * Throws the operating system's error; the folders that it made before are removed again.
 */
export async function makeFolder(path: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isThere(at)); at = dirname(at)) missing.push(at);
  const made: string[] = [];
  try {
    for (const folder of missing.reverse()) {
      if (await makeOne(folder)) made.push(folder);
    }
  } catch (error) {
    await removeFolders(made);
    throw error;
  }
  return made;
}

/** Removes folders, the outermost first in the list, as far as they are empty. */
export async function removeFolders(made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) await rmdir(folder).catch(() => {});
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (dirname(path) === path || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

/** Whether it was this call that made the folder. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    // Another process may have made it meanwhile; a dangling link is in the way, too.
    const isFolder = await stat(folder).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder) return false;
    throw error;
  }
}
