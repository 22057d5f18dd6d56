import { execFileSync } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { scratchFolder } from './scratch-folder.js';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

/** A file system of its own, if this process may mount one. */
export async function mounted(t: ExecutionContext, options: string): Promise<string | undefined> {
  const folder = await scratchFolder(t);
  if (!isRoot || !isLinux) return undefined;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  t.teardown(() => execFileSync('umount', [folder]));
  return folder;
}
