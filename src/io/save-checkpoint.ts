import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Elements } from '../training/elements.js';
import type { JobIdentity } from '../training/job-identity.js';
import type { KeptModel, Snapshot } from '../training/snapshot.js';
import type { WritableColumn } from './arrow/column.js';
import { writeArrow } from './arrow/write-arrow.js';
import { unwritableCheckpoint } from './checkpoint-errors.js';
import {
  type CheckpointBody,
  type CheckpointFile,
  type CheckpointPart,
  checkpointDataName,
  checkpointFileNames,
  checkpointManifestName,
  readCheckpointManifest,
  writeCheckpointManifest,
} from './checkpoint-manifest.js';
import { replaceFile, syncFolder } from './files/replace-file.js';
import { writeNewFile } from './files/write-file.js';
import { type WriterToken, withToken } from './files/writer-token.js';
import { removeOldCheckpoints } from './remove-old-checkpoints.js';

/** A job as it was after an iteration, and what it computes. */
export interface Checkpoint {
  readonly identity: JobIdentity;
  readonly snapshot: Snapshot;
}

/**
 * Writes a checkpoint into a directory and removes old ones.
 *
 *     checkpoint-12.user-factors.<token>.arrow        elements: rows × stride as in memory, padding included
 *     checkpoint-12.item-factors.<token>.arrow        the same
 *     checkpoint-9.kept-user-factors.<token>.arrow    factors and bias of a model that the run may end with
 *     checkpoint-9.kept-item-factors.<token>.arrow    the same; written once, named by later manifests too
 *     checkpoint-12.json                              iteration, identity, errors so far, sizes, checksums
 *
 * The data files are written under names that belong to this write alone, and synced; then the
 * manifest that names them is renamed into place; then all but the newest `keep` checkpoints are
 * removed, and leftovers of a crash. So at any moment the checkpoints that have a manifest are
 * whole, also when two processes write into the directory by mistake.
 *
 * @param keep how many checkpoints stay, ≥ 1
 * @returns size of the files written
 * Throws `CheckpointError` with ERR_CHECKPOINT_UNWRITABLE; the checkpoints before stay.
 */
export async function saveCheckpoint(
  directory: string,
  checkpoint: Checkpoint,
  keep: number,
): Promise<{ readonly bytes: number }> {
  return withToken(async (token) => {
    try {
      return await writeCheckpoint(directory, checkpoint, keep, token);
    } catch (error) {
      throw unwritableCheckpoint(directory, error);
    }
  });
}

/** Bytes of elements that are read to be written at once, where they are not in memory. */
const readBatchBytes = 2 ** 23;

async function writeCheckpoint(
  directory: string,
  { identity, snapshot }: Checkpoint,
  keep: number,
  token: WriterToken,
): Promise<{ readonly bytes: number }> {
  const { iteration, history } = snapshot;
  const written: CheckpointFile[] = [];
  const write = async (
    name: string,
    columns: Readonly<Record<string, WritableColumn>>,
    batchBytes?: number,
  ) => {
    const content = writeArrow(columns, batchBytes);
    const file = { name, ...(await writeNewFile(join(directory, name), content)) };
    written.push(file);
    return file;
  };
  const elements = (part: CheckpointPart, values: Elements) => {
    const name = checkpointDataName(iteration, part, token);
    const column = { type: values.BYTES_PER_ELEMENT === 8 ? 'float64' : 'float32', values };
    // The size of an element says which it is.
    const columns = { elements: column as WritableColumn };
    return write(name, columns, ArrayBuffer.isView(values) ? undefined : readBatchBytes);
  };
  const isThere = async ({ name }: CheckpointFile) =>
    access(join(directory, name)).then(
      () => true,
      () => false,
    );
  const kept = async (model: KeptModel): Promise<CheckpointBody['kept'][number]> => {
    const { name, rank, userFactors, itemFactors, userBiases, itemBiases } = model;
    const known = writtenModels.get(userFactors);
    let files = known?.directory === directory ? known.files : undefined;
    if (files === undefined || !(await isThere(files['user-factors']))) {
      const side = (part: CheckpointPart, factors: Float32Array, biases?: Float32Array) =>
        write(checkpointDataName(model.iteration, `kept-${part}`, token), {
          factors: { type: 'vectors', width: rank, values: factors },
          ...(biases && { bias: { type: 'float32', values: biases } }),
        });
      files = {
        'user-factors': await side('user-factors', userFactors, userBiases),
        'item-factors': await side('item-factors', itemFactors, itemBiases),
      };
      writtenModels.set(userFactors, { directory, files });
    }
    return { name, iteration: model.iteration, rank, files };
  };
  try {
    const files = {
      'user-factors': await elements('user-factors', snapshot.userFactors),
      'item-factors': await elements('item-factors', snapshot.itemFactors),
    };
    const models: CheckpointBody['kept'][number][] = [];
    for (const model of snapshot.kept) models.push(await kept(model));
    const body = { iteration, identity, history, files, kept: models };
    const manifest = writeCheckpointManifest(body);
    await syncFolder(directory);
    const replaced = await readCheckpointManifest(directory, iteration).then(
      checkpointFileNames,
      () => [],
    );
    await replaceFile(join(directory, checkpointManifestName(iteration)), manifest, token);
    await syncFolder(directory);
    // The checkpoint is safe; old files that stay do no harm, and a later one tries again.
    await removeOldCheckpoints(directory, keep, replaced).catch(() => {});
    const bytes = written.reduce((sum, file) => sum + file.bytes, Buffer.byteLength(manifest));
    return { bytes };
  } catch (error) {
    for (const { name } of written)
      await rm(join(directory, name), { force: true }).catch(() => {});
    for (const { userFactors } of snapshot.kept) writtenModels.delete(userFactors);
    throw error;
  }
}

/** Where kept models lie already, by their user factors. */
const writtenModels = new WeakMap<
  Float32Array,
  { readonly directory: string; readonly files: CheckpointBody['files'] }
>();
