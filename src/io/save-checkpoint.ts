import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256 } from '../digest.js';
import { CheckpointError } from '../errors.js';
import type { JobIdentity } from '../training/job-identity.js';
import type { Snapshot } from '../training/snapshot.js';
import { encodeArrow } from './arrow.js';
import {
  type CheckpointPart,
  checkpointDataName,
  checkpointManifestName,
  iterationOfFile,
  listCheckpoints,
  writeCheckpointManifest,
} from './checkpoint-manifest.js';
import { replaceFile, syncDirectory } from './replace-file.js';

/** A job as it was after an iteration, and what it computes. */
export interface Checkpoint {
  readonly identity: JobIdentity;
  readonly snapshot: Snapshot;
}

/**
 * Writes a checkpoint into a directory and removes old ones.
 *
 *     checkpoint-12.user-factors.arrow    elements: rows × stride as in memory, padding included
 *     checkpoint-12.item-factors.arrow    the same
 *     checkpoint-12.json                  iteration, identity, errors so far, sizes, checksums
 *
 * Every file is written beside, synced and renamed, the manifest last; then what is older than the
 * last `keep` checkpoints goes, and what a crash left. So at any moment the checkpoints that have a
 * manifest are whole. One run at a time may write into a directory.
 *
 * @param keep how many checkpoints stay, this one included, ≥ 1
 * @returns size of the files
 * Throws the operating system's error if writing fails; the checkpoints before stay.
 */
export async function saveCheckpoint(
  directory: string,
  { identity, snapshot }: Checkpoint,
  keep: number,
): Promise<{ readonly bytes: number }> {
  const { iteration, userFactors, itemFactors, history } = snapshot;
  const write = async (part: CheckpointPart, elements: Float32Array | Float64Array) => {
    const bytes = await encodeArrow({
      elements:
        elements instanceof Float32Array
          ? { type: 'float32', values: elements }
          : { type: 'float64', values: elements },
    });
    const digest = await sha256([bytes]);
    await replaceFile(join(directory, checkpointDataName(iteration, part)), bytes);
    return { bytes: bytes.length, sha256: digest };
  };
  // One after the other: each holds a copy of its data while it is written.
  const files = {
    'user-factors': await write('user-factors', userFactors),
    'item-factors': await write('item-factors', itemFactors),
  };
  const manifest = Buffer.from(writeCheckpointManifest({ iteration, identity, history, files }));
  await syncDirectory(directory);
  await replaceFile(join(directory, checkpointManifestName(iteration)), manifest);
  await syncDirectory(directory);
  await removeOthers(directory, iteration, keep);
  return { bytes: files['user-factors'].bytes + files['item-factors'].bytes + manifest.length };
}

/**
 * Makes the directory for a run's checkpoints, so that a path that cannot be written to is known
 * before training.
 *
 * Throws `CheckpointError` with ERR_CHECKPOINT_TARGET if the path is a file, or if another run's
 * checkpoints lie there and the run does not go on from them.
 */
export async function prepareCheckpoints(path: string, isResumed: boolean): Promise<void> {
  const directory = resolve(path);
  const [newest] = await listCheckpoints(directory);
  if (newest !== undefined && !isResumed) {
    throw new CheckpointError(
      'ERR_CHECKPOINT_TARGET',
      `found a checkpoint of iteration ${newest} in ${path}; expected none where a run begins; ` +
        'try resume: true to go on from it, or another path',
    );
  }
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) await syncDirectory(dirname(made));
}

/** Removes checkpoints but the last `keep` up to `iteration`; later ones were found damaged. */
async function removeOthers(directory: string, iteration: number, keep: number): Promise<void> {
  const known = await listCheckpoints(directory);
  const kept = known.filter((other) => other <= iteration).slice(0, keep);
  const names = (await readdir(directory, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => {
      const owner = iterationOfFile(name);
      return owner !== undefined && (name.endsWith('.tmp') || !kept.includes(owner));
    });
  // Manifests first: what has one is whole.
  const isManifest = (name: string) => Number(name.endsWith('.json'));
  for (const name of names.sort((a, b) => isManifest(b) - isManifest(a))) {
    await rm(join(directory, name), { force: true });
  }
}
