import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isAbandoned, tokenPattern } from './writer-token.js';

const temporary = new RegExp(`^\\.(${tokenPattern})(?:\\.\\w+)?\\.tmp$`);

/**
 * Removes what killed writers of a file or folder left beside it: `<path>.<token>.tmp` and
 * `<path>.<token>.<what>.tmp`. What cannot be removed stays.
 */
export async function removeAbandoned(path: string): Promise<void> {
  const target = resolve(path);
  const [folder, name] = [dirname(target), basename(target)];
  for (const found of await readdir(folder).catch(() => [])) {
    const [, token] = (found.startsWith(name) && temporary.exec(found.slice(name.length))) || [];
    if (token === undefined) continue;
    const left = join(folder, found);
    const stats = await stat(left).catch(() => undefined);
    if (stats === undefined || !isAbandoned(token, stats.mtimeMs)) continue;
    await rm(left, { recursive: true, force: true }).catch(() => {});
  }
}
