import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CheckpointError } from '../errors.js';
import { unwritableCheckpoint } from './checkpoint-errors.js';
import { checkpointManifestName, listCheckpoints } from './checkpoint-manifest.js';
import { makeFolder, removeFolders } from './files/make-folder.js';
import { syncFolder } from './files/replace-file.js';
import { writeNewFile } from './files/write-file.js';
import { withToken } from './files/writer-token.js';
import { removeCheckpoint } from './remove-old-checkpoints.js';

/** What is already in the directory for checkpoints. */
export interface EarlierCheckpoints {
  /** Whether the run continues from checkpoints there. */
  readonly isResumed: boolean;
  /** Iterations of checkpoints there that were found damaged: they make room. */
  readonly damaged?: readonly number[];
}

/**
 * Makes the directory for a run's checkpoints and writes there, so that a path that cannot be written
 * to is known before training.
 *
 * Throws `CheckpointError`: ERR_CHECKPOINT_TARGET if the path is a file, or if another run's
 * checkpoints lie there and the run does not go on from them; ERR_CHECKPOINT_UNWRITABLE.
 */
export async function prepareCheckpoints(
  path: string,
  { isResumed, damaged = [] }: EarlierCheckpoints,
): Promise<void> {
  const directory = resolve(path);
  const [newest] = await listCheckpoints(directory);
  if (newest !== undefined && !isResumed) {
    throw new CheckpointError(
      'ERR_CHECKPOINT_TARGET',
      `found a checkpoint of iteration ${newest} in ${path}; expected none where a run begins; ` +
        'try resume: true to go on from it, or another path',
    );
  }
  try {
    const made = await makeFolder(directory);
    for (const folder of made) await syncFolder(dirname(folder));
    await tryToWrite(directory);
    for (const iteration of damaged) await removeCheckpoint(directory, iteration);
  } catch (error) {
    throw unwritableCheckpoint(path, error);
  }
}

/**
 * Checks that checkpoints can be written at a path, before the ratings are read; leaves no files.
 * Throws as `prepareCheckpoints` does.
 */
export async function checkCheckpoints(path: string, isResumed: boolean): Promise<void> {
  const directory = resolve(path);
  const made = await makeFolder(directory).catch((error: unknown) => {
    throw unwritableCheckpoint(path, error);
  });
  try {
    await prepareCheckpoints(path, { isResumed });
  } finally {
    await removeFolders(made);
  }
}

async function tryToWrite(directory: string): Promise<void> {
  await withToken(async (token) => {
    const file = join(directory, `${checkpointManifestName(0)}.${token}.tmp`);
    // Enough for a full disk to show.
    await writeNewFile(file, [Buffer.alloc(4096)]);
    await rm(file);
  });
}
