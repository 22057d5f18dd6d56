import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { IterationErrors } from '../training/accounts.js';
import type { JobIdentity } from '../training/job-identity.js';
import { packageVersion } from './manifest.js';

const checkpointFormat = 'seesaw-checkpoint';
const checkpointFormatVersion = 1;

/** The parts of a checkpoint that lie in files of their own. */
export type CheckpointPart = 'user-factors' | 'item-factors';

/** What a checkpoint's manifest tells: all that is not in its data files, and what those hold. */
export interface CheckpointBody {
  readonly iteration: number;
  readonly identity: JobIdentity;
  readonly history: readonly IterationErrors[];
  readonly files: Readonly<
    Record<CheckpointPart, { readonly bytes: number; readonly sha256: string }>
  >;
}

/** `checkpoint-12.json` */
export function checkpointManifestName(iteration: number): string {
  return `checkpoint-${iteration}.json`;
}

/** `checkpoint-12.user-factors.arrow` */
export function checkpointDataName(iteration: number, part: CheckpointPart): string {
  return `checkpoint-${iteration}.${part}.arrow`;
}

/** The iteration of a file that only saving a checkpoint makes, whole or not; else undefined. */
export function iterationOfFile(name: string): number | undefined {
  const match = /^checkpoint-(\d+)\.(json|user-factors\.arrow|item-factors\.arrow)(\.tmp)?$/.exec(
    name,
  );
  return match === null ? undefined : Number(match[1]);
}

/**
 * Iterations of the checkpoints in a directory, the newest first; none if there is no directory.
 * Throws `CheckpointError` with ERR_CHECKPOINT_TARGET if the path is a file.
 */
export async function listCheckpoints(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    if (cause.code !== 'ENOTDIR') throw cause;
    throw new CheckpointError(
      'ERR_CHECKPOINT_TARGET',
      `found a file at ${directory}; expected a directory of checkpoints; try another path`,
      { cause },
    );
  });
  return names
    .flatMap((name) => iterationOfFile(name) ?? [])
    .filter((iteration, at, all) => all.indexOf(iteration) === at)
    .filter((iteration) => names.includes(checkpointManifestName(iteration)))
    .sort((a, b) => b - a);
}

/** The text of a manifest. It holds a digest of the rest, so that no changed figure is believed. */
export function writeCheckpointManifest(body: CheckpointBody): string {
  const rest = {
    format: checkpointFormat,
    formatVersion: checkpointFormatVersion,
    writtenBy: `seesaw ${packageVersion}`,
    body,
  };
  return asText({ ...rest, sha256: digestOf(rest) });
}

/**
 * Reads the manifest of the checkpoint of an iteration.
 * Throws `CheckpointError`: ERR_CHECKPOINT_DAMAGED or ERR_CHECKPOINT_VERSION.
 */
export async function readCheckpointManifest(
  directory: string,
  iteration: number,
): Promise<CheckpointBody> {
  const path = join(directory, checkpointManifestName(iteration));
  const text = await readFile(path, 'utf8');
  let manifest: Partial<Record<string, unknown>>;
  try {
    manifest = Object(JSON.parse(text));
  } catch (cause) {
    throw damaged(path, 'no JSON', { cause });
  }
  const { sha256, ...rest } = manifest;
  const { format, formatVersion, body } = rest;
  if (format !== checkpointFormat || typeof formatVersion !== 'number') {
    throw damaged(path, `no "format": "${checkpointFormat}"`);
  }
  if (formatVersion > checkpointFormatVersion) {
    throw new CheckpointError(
      'ERR_CHECKPOINT_VERSION',
      `found a checkpoint of format version ${formatVersion} at ${path}; expected at most ` +
        `${checkpointFormatVersion}, which seesaw ${packageVersion} writes; try a newer seesaw`,
    );
  }
  if (sha256 !== digestOf(rest) || text !== asText(manifest)) {
    throw damaged(path, 'other figures than were written');
  }
  // Only `writeCheckpointManifest` makes a body with its digest.
  return restoreNaN(body as CheckpointBody);
}

/** The error of a checkpoint that was cut or changed. */
export function damaged(path: string, found: string, options?: ErrorOptions): CheckpointError {
  return new CheckpointError(
    'ERR_CHECKPOINT_DAMAGED',
    `found ${found} in ${path}; expected a checkpoint as it was written; ` +
      'try an older one, by deleting it, or a directory to begin anew',
    options,
  );
}

function asText(manifest: object): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

function digestOf(rest: object): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** JSON has no NaN and writes null; a run that diverged may have some. */
function restoreNaN(body: CheckpointBody): CheckpointBody {
  const history = JSON.parse(JSON.stringify(body.history), (_key, value) =>
    value === null ? Number.NaN : value,
  );
  return { ...body, history };
}
