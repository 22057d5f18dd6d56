import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../digest.js';
import { CheckpointError } from '../errors.js';
import { decodeArrow } from './arrow.js';
import {
  type CheckpointBody,
  type CheckpointPart,
  checkpointDataName,
  damaged,
  listCheckpoints,
  readCheckpointManifest,
} from './checkpoint-manifest.js';
import type { Checkpoint } from './save-checkpoint.js';

/** The newest checkpoint that is whole, and newer ones that are not. */
export interface LoadedCheckpoint extends Checkpoint {
  readonly damaged: readonly { readonly iteration: number; readonly error: CheckpointError }[];
}

/**
 * Reads the newest whole checkpoint of a directory, after checking every byte of it.
 *
 * @returns undefined if there is none, not even a damaged one
 * Throws `CheckpointError`: ERR_CHECKPOINT_TARGET if the path is a file, ERR_CHECKPOINT_VERSION if a
 * newer seesaw wrote the newest, ERR_CHECKPOINT_DAMAGED if all are damaged.
 */
export async function loadCheckpoint(directory: string): Promise<LoadedCheckpoint | undefined> {
  const broken: { iteration: number; error: CheckpointError }[] = [];
  for (const iteration of await listCheckpoints(directory)) {
    try {
      return { ...(await readCheckpoint(directory, iteration)), damaged: broken };
    } catch (error) {
      if (!(error instanceof CheckpointError) || error.code !== 'ERR_CHECKPOINT_DAMAGED') {
        throw error;
      }
      broken.push({ iteration, error });
    }
  }
  if (broken.length > 0) throw broken[0]!.error;
  return undefined;
}

async function readCheckpoint(directory: string, iteration: number): Promise<Checkpoint> {
  const body = await readCheckpointManifest(directory, iteration);
  const { identity, history } = body;
  const userFactors = await readElements(directory, body, 'user-factors');
  const itemFactors = await readElements(directory, body, 'item-factors');
  return { identity, snapshot: { iteration, userFactors, itemFactors, history } };
}

async function readElements(
  directory: string,
  { iteration, files }: CheckpointBody,
  part: CheckpointPart,
): Promise<Float32Array | Float64Array> {
  const path = join(directory, checkpointDataName(iteration, part));
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? damaged(path, 'no file', { cause }) : cause;
  });
  const wanted = files[part];
  if (bytes.length !== wanted.bytes || (await sha256([bytes])) !== wanted.sha256) {
    throw damaged(path, `${bytes.length} bytes, not the ${wanted.bytes} that were written,`);
  }
  const column = (await decodeArrow(bytes)).get('elements');
  if (column?.type === 'float32' || column?.type === 'float64') return column.values;
  throw damaged(path, 'no column of elements');
}
