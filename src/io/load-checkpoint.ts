import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { KeptModel } from '../training/snapshot.js';
import type { ArrowColumns } from './arrow/column.js';
import { readArrow } from './arrow/read-arrow.js';
import { damagedCheckpoint, notReadable } from './checkpoint-errors.js';
import {
  type CheckpointBody,
  type CheckpointFile,
  checkpointManifestName,
  listCheckpoints,
  readCheckpointManifest,
} from './checkpoint-manifest.js';
import { pieces } from './files/byte-source.js';
import { openFile } from './files/regular-file.js';
import type { Checkpoint } from './save-checkpoint.js';

/** The newest checkpoint that is whole, and newer ones that are not. */
export interface LoadedCheckpoint extends Checkpoint {
  readonly damaged: readonly { readonly iteration: number; readonly error: CheckpointError }[];
}

/** How often a directory is read again because a live run has changed it. */
const maxTries = 100;

/**
 * Reads the newest whole checkpoint of a directory, after checking every byte of it. A run may be
 * writing there meanwhile.
 *
 * @returns undefined if there is none, not even a damaged one
 * Throws `CheckpointError`: ERR_CHECKPOINT_TARGET if the path is a file, ERR_CHECKPOINT_VERSION if a
 * newer seesaw wrote the newest, ERR_CHECKPOINT_DAMAGED if all are damaged, ERR_CHECKPOINT_UNREADABLE
 * if the operating system refuses.
 */
export async function loadCheckpoint(directory: string): Promise<LoadedCheckpoint | undefined> {
  for (let tries = 0; ; tries++) {
    const before = await manifestsIn(directory);
    const broken: { iteration: number; error: CheckpointError }[] = [];
    let found: Checkpoint | undefined;
    for (const { iteration } of before) {
      try {
        found = await readCheckpoint(directory, iteration);
        break;
      } catch (error) {
        if (!(error instanceof CheckpointError) || error.code !== 'ERR_CHECKPOINT_DAMAGED') {
          throw error;
        }
        broken.push({ iteration, error });
      }
    }
    // One that seemed damaged may just have been removed or replaced by a newer one.
    const isSame =
      broken.length === 0 ||
      JSON.stringify(before) === JSON.stringify(await manifestsIn(directory));
    if (!isSame && tries < maxTries) continue;
    if (found !== undefined) return { ...found, damaged: broken };
    if (broken.length > 0) throw broken[0]!.error;
    return undefined;
  }
}

/** The checkpoints there are now, the newest first, so that a change of any of them shows. */
async function manifestsIn(directory: string) {
  const manifests = [];
  for (const iteration of await listCheckpoints(directory)) {
    const path = join(directory, checkpointManifestName(iteration));
    const file = await stat(path).catch(() => undefined);
    manifests.push({ iteration, changedMs: file?.mtimeMs, number: file?.ino });
  }
  return manifests;
}

async function readCheckpoint(directory: string, iteration: number): Promise<Checkpoint> {
  const { identity, history, files, kept } = await readCheckpointManifest(directory, iteration);
  const userFactors = await readElements(directory, files['user-factors']);
  const itemFactors = await readElements(directory, files['item-factors']);
  const models: KeptModel[] = [];
  for (const model of kept) models.push(await readKept(directory, model));
  const snapshot = { iteration, userFactors, itemFactors, history, kept: models };
  return { identity, snapshot };
}

async function readElements(
  directory: string,
  file: CheckpointFile,
): Promise<Float32Array | Float64Array> {
  const column = (await readColumns(directory, file)).get('elements');
  if (column?.type === 'float32' || column?.type === 'float64') return column.values;
  throw damagedCheckpoint(join(directory, file.name), 'no column of elements');
}

async function readKept(
  directory: string,
  { name, iteration, rank, files }: CheckpointBody['kept'][number],
): Promise<KeptModel> {
  const side = async (file: CheckpointFile) => {
    const columns = await readColumns(directory, file);
    const [factors, bias] = [columns.get('factors'), columns.get('bias')];
    if (factors?.type !== 'vectors' || factors.width !== rank) {
      throw damagedCheckpoint(join(directory, file.name), `no column of factors of rank ${rank}`);
    }
    return { factors: factors.values, biases: bias?.type === 'float32' ? bias.values : undefined };
  };
  const users = await side(files['user-factors']);
  const items = await side(files['item-factors']);
  return {
    name,
    iteration,
    rank,
    userFactors: users.factors,
    itemFactors: items.factors,
    userBiases: users.biases,
    itemBiases: items.biases,
  };
}

async function readColumns(directory: string, described: CheckpointFile): Promise<ArrowColumns> {
  const path = join(directory, described.name);
  try {
    const file = await openFile(path);
    try {
      const hash = createHash('sha256');
      for await (const piece of pieces(file)) hash.update(piece);
      if (file.size !== described.bytes || hash.digest('hex') !== described.sha256) {
        throw damagedCheckpoint(
          path,
          `${file.size} bytes, not the ${described.bytes} that were written,`,
        );
      }
      return await readArrow(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TypeError) throw damagedCheckpoint(path, error.message, { cause: error });
    throw notReadable(path, error);
  }
}
