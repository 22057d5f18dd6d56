import { SeesawError } from '../../errors.js';
import { openFile } from '../../io/files/regular-file.js';
import type { ModelContents } from '../model-contents.js';
import { foreign } from '../store/model-file-errors.js';
import { contentsOfForeign } from './foreign-model.js';
import { readImplicit } from './implicit-file.js';
import { readSparkModel } from './spark-model.js';

/**
 * Reads the file of a model that implicit saved. Throws `ModelFileError` for anything else, and the
 * operating system's error.
 */
export function readImplicitFile(path: string): Promise<ModelContents> {
  return partsFrom(path, 'a file', async () => {
    const file = await openFile(path);
    try {
      return await readImplicit(file);
    } finally {
      await file.close();
    }
  });
}

/** Reads the folder of a model that Spark saved. Throws as `readImplicitFile` does. */
export function readSparkFolder(path: string): Promise<ModelContents> {
  return partsFrom(path, 'a folder', () => readSparkModel(path));
}

async function partsFrom(
  path: string,
  what: string,
  read: () => Promise<Parameters<typeof contentsOfForeign>[0]>,
): Promise<ModelContents> {
  try {
    return contentsOfForeign(await read());
  } catch (cause) {
    if (cause instanceof SeesawError && cause.code.startsWith('ERR_MODEL')) throw cause;
    // Of the operating system.
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause;
    const { message } = cause as Error;
    const of = what === 'a file' ? 'implicit (.npz)' : 'Spark (ALSModel)';
    throw foreign(path, `${what} that is no model of ${of} (${message})`, { cause });
  }
}
