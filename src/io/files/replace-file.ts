import { open, rename, rm } from 'node:fs/promises';
import { writeNewFile } from './write-file.js';
import type { WriterToken } from './writer-token.js';

/**
 * Writes a file so that a crash leaves the old one or the new one, never a part: beside it as
 * `<path>.<token>.tmp`, synced to disk, renamed over. The rename is durable after `syncFolder`.
 * Throws the operating system's error; what lay there is then unchanged.
 */
export async function replaceFile(
  path: string,
  content: string | Iterable<Uint8Array>,
  token: WriterToken,
): Promise<void> {
  const temporary = `${path}.${token}.tmp`;
  await writeNewFile(temporary, typeof content === 'string' ? [Buffer.from(content)] : content);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes what was made, renamed or removed inside a folder durable. Windows needs no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
