import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ModelFileError } from '../../errors.js';
import { makeFolder, removeFolders } from '../../io/files/make-folder.js';
import { writeNewFile } from '../../io/files/write-file.js';
import { withToken } from '../../io/files/writer-token.js';
import { isModelFile, manifestName, readManifest } from './manifest.js';
import { taken, unreadableModel, unwritableModel } from './model-file-errors.js';

/** Enough for a full disk to show. */
const trial = Buffer.alloc(4096);

/**
 * Checks that a model can be saved at a path, before work on the model begins: writes a file there
 * and removes it, with the folders it made.
 *
 * Throws `ModelFileError`: ERR_MODEL_TARGET if something else than a model lies there,
 * ERR_MODEL_UNWRITABLE if the operating system refuses.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const directory = resolve(path);
    await checkTarget(directory);
    // Another run that checks the same path may remove the folder meanwhile.
    for (let tries = 3; ; tries--) {
      const made = await makeFolder(directory);
      try {
        await tryToWrite(directory);
        return;
      } catch (error) {
        if (tries === 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      } finally {
        await removeFolders(made);
      }
    }
  } catch (error) {
    throw unwritableModel(path, error);
  }
}

async function tryToWrite(directory: string): Promise<void> {
  await withToken(async (token) => {
    const file = join(directory, `${manifestName}.${token}.tmp`);
    await writeNewFile(file, [trial]);
    await rm(file);
  });
}

/**
 * Checks that a directory holds a model, which may be damaged, or nothing.
 * Throws `ModelFileError` with ERR_MODEL_TARGET if something else does, and with
 * ERR_MODEL_UNREADABLE if that cannot be known.
 */
export async function checkTarget(directory: string): Promise<void> {
  try {
    const stats = await stat(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error.code === 'ENOTDIR' ? taken(directory, 'a file on the way to it', error) : error;
    });
    if (stats === undefined) return;
    if (!stats.isDirectory()) throw taken(directory, 'a file');
    const names = await readdir(directory);
    if (!names.includes(manifestName)) {
      const other = names.find((name) => !isModelFile(name));
      if (other !== undefined) throw taken(directory, `${other} in it and no ${manifestName}`);
      return;
    }
  } catch (error) {
    throw unreadableModel(directory, error);
  }
  try {
    await readManifest(directory);
  } catch (cause) {
    // Saving again repairs a damaged model.
    if (cause instanceof ModelFileError && cause.code === 'ERR_MODEL_CHECKSUM') return;
    throw taken(directory, `a ${manifestName} that is no model's`, cause);
  }
}
