import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkpointFileNames,
  checkpointManifestName,
  listCheckpoints,
  parseFileName,
  readCheckpointManifest,
} from './checkpoint-manifest.js';
import { isAbandoned } from './files/writer-token.js';

/**
 * Removes all but the newest `keep` checkpoints, and data files that no manifest will name again:
 * those of the removed ones, `replaced`, and those of dead writers. Files of a live writer
 * elsewhere stay.
 */
export async function removeOldCheckpoints(
  directory: string,
  keep: number,
  replaced: readonly string[],
): Promise<void> {
  const known = await listCheckpoints(directory);
  const gone = new Set(replaced);
  for (const iteration of known.slice(keep)) {
    for (const name of await namesOf(directory, iteration)) gone.add(name);
    // The manifest first: what has one is whole.
    await removeCheckpoint(directory, iteration);
  }
  const kept = new Set<string>();
  const unknown = new Set<number>();
  for (const iteration of await listCheckpoints(directory)) {
    const names = await namesOf(directory, iteration);
    if (names.length === 0) unknown.add(iteration);
    for (const name of names) kept.add(name);
  }
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const { name } = entry;
    const parsed = entry.isFile() ? parseFileName(name) : undefined;
    if (parsed === undefined || parsed.isManifest || kept.has(name)) continue;
    // A damaged checkpoint does not show which files it needs.
    if (unknown.has(parsed.iteration) && !name.endsWith('.tmp')) continue;
    const isGone =
      gone.has(name) ||
      parsed.writer === undefined ||
      isAbandoned(parsed.writer, await changedMs(join(directory, name)));
    if (isGone) await rm(join(directory, name), { force: true }).catch(() => {});
  }
}

/** Removes a checkpoint; its data files go with the next one. A folder in its place stays. */
export async function removeCheckpoint(directory: string, iteration: number): Promise<void> {
  await rm(join(directory, checkpointManifestName(iteration)), { force: true }).catch(() => {});
}

/** Data files of a checkpoint; none if its manifest is damaged. */
function namesOf(directory: string, iteration: number): Promise<readonly string[]> {
  return readCheckpointManifest(directory, iteration).then(checkpointFileNames, () => []);
}

/** Now, if another writer has removed the file meanwhile. */
async function changedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
}
