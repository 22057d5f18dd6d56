import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { IterationMetrics } from '../training/iteration-metrics.js';
import type { JobIdentity } from '../training/job-identity.js';
import { packageVersion } from '../version.js';
import { damagedCheckpoint, notReadable, unreadableCheckpoint } from './checkpoint-errors.js';
import { readSmallFile } from './files/regular-file.js';
import { tokenPattern, type WriterToken } from './files/writer-token.js';
import { isSealed, sealedJson } from './sealed-json.js';

const checkpointFormat = 'seesaw-checkpoint';

/** 1: data files are named by their iteration alone, and no models are kept. */
const checkpointFormatVersion = 2;

/** Larger ones are not read. */
const maxManifestBytes = 2 ** 26;

/** The parts of a checkpoint that lie in files of their own. */
export type CheckpointPart = 'user-factors' | 'item-factors';

/** A data file of a checkpoint. */
export interface CheckpointFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type CheckpointFiles = Readonly<Record<CheckpointPart, CheckpointFile>>;

/** A checkpoint's manifest: all that is not in its data files, and a description of these. */
export interface CheckpointBody {
  readonly iteration: number;
  readonly identity: JobIdentity;
  readonly history: readonly IterationMetrics[];
  readonly files: CheckpointFiles;
  /** Models of earlier iterations that the run may end with. */
  readonly kept: readonly {
    readonly name: string;
    readonly iteration: number;
    readonly rank: number;
    readonly files: CheckpointFiles;
  }[];
}

/** `checkpoint-12.json` */
export function checkpointManifestName(iteration: number): string {
  return `checkpoint-${iteration}.json`;
}

/** `checkpoint-12.user-factors.<token>.arrow`, of a kept model `checkpoint-12.kept-user-factors.…` */
export function checkpointDataName(
  iteration: number,
  part: CheckpointPart | `kept-${CheckpointPart}`,
  token: WriterToken,
): string {
  return `checkpoint-${iteration}.${part}.${token}.arrow`;
}

const filePattern = new RegExp(
  '^checkpoint-(\\d+)\\.(?:json|(?:kept-)?(?:user|item)-factors(?:\\.' +
    `(${tokenPattern}))?\\.arrow)(?:(?:\\.(${tokenPattern}))?\\.tmp)?$`,
);

/** The parts of a file's name, if only saving a checkpoint makes such a file, whole or not. */
export interface CheckpointFileName {
  readonly iteration: number;
  /** Undefined for a manifest, and for files of version 1. */
  readonly writer: WriterToken | undefined;
  readonly isManifest: boolean;
}

export function parseFileName(name: string): CheckpointFileName | undefined {
  const match = filePattern.exec(name);
  if (match === null) return undefined;
  const [, iteration, part, temporary] = match;
  return {
    iteration: Number(iteration),
    writer: part ?? temporary,
    isManifest: name.endsWith('.json'),
  };
}

/** Names of the data files of a checkpoint. */
export function checkpointFileNames({ files, kept }: CheckpointBody): string[] {
  return [files, ...kept.map((model) => model.files)].flatMap((parts) =>
    Object.values(parts).map(({ name }) => name),
  );
}

/**
 * Iterations of the checkpoints in a directory, the newest first; none if there is no directory.
 * Throws `CheckpointError`: ERR_CHECKPOINT_TARGET if the path is a file, ERR_CHECKPOINT_UNREADABLE.
 */
export async function listCheckpoints(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    if (cause.code !== 'ENOTDIR') throw unreadableCheckpoint(directory, cause);
    throw new CheckpointError(
      'ERR_CHECKPOINT_TARGET',
      `found a file at ${directory}; expected a directory of checkpoints; try another path`,
      { cause },
    );
  });
  return names
    .flatMap((name) => {
      const parsed = parseFileName(name);
      return parsed?.isManifest ? [parsed.iteration] : [];
    })
    .sort((a, b) => b - a);
}

/** The text of a manifest. It holds a digest of the rest, so that no changed figure is believed. */
export function writeCheckpointManifest(body: CheckpointBody): string {
  return sealedJson({
    format: checkpointFormat,
    formatVersion: checkpointFormatVersion,
    writtenBy: `seesaw ${packageVersion}`,
    body,
  });
}

/**
 * Reads the manifest of the checkpoint of an iteration.
 * Throws `CheckpointError`: ERR_CHECKPOINT_DAMAGED, also if it is gone, ERR_CHECKPOINT_VERSION or
 * ERR_CHECKPOINT_UNREADABLE.
 */
export async function readCheckpointManifest(
  directory: string,
  iteration: number,
): Promise<CheckpointBody> {
  const path = join(directory, checkpointManifestName(iteration));
  const text = await readSmallFile(path, maxManifestBytes).catch((cause: unknown) => {
    throw notReadable(path, cause);
  });
  let manifest: Record<string, unknown>;
  try {
    manifest = Object(JSON.parse(text));
  } catch (cause) {
    throw damagedCheckpoint(path, 'no JSON', { cause });
  }
  const { format, formatVersion, body } = manifest;
  if (format !== checkpointFormat || typeof formatVersion !== 'number') {
    throw damagedCheckpoint(path, `no "format": "${checkpointFormat}"`);
  }
  if (formatVersion > checkpointFormatVersion) {
    throw new CheckpointError(
      'ERR_CHECKPOINT_VERSION',
      `found a checkpoint of format version ${formatVersion} at ${path}; expected at most ` +
        `${checkpointFormatVersion}, which seesaw ${packageVersion} writes; try a newer seesaw`,
    );
  }
  if (!isSealed(text, manifest)) throw damagedCheckpoint(path, 'other figures than were written');
  if (!isBody(body, iteration, formatVersion))
    throw damagedCheckpoint(path, 'missing or bad fields');
  return restoreNaN(formatVersion === 1 ? fromVersion1(body) : body);
}

/**
 * The shape of a body, of either version. It is checked because the digest around it can be forged.
 */
function isBody(body: unknown, iteration: number, version: number): body is CheckpointBody {
  if (!isObject(body)) return false;
  const { identity, history, files, kept = [] } = body;
  return (
    body.iteration === iteration &&
    isObject(identity) &&
    Array.isArray(history) &&
    history.length === iteration &&
    history.every(isObject) &&
    areFiles(files, version) &&
    Array.isArray(kept) &&
    kept.every(
      (model) =>
        isObject(model) &&
        typeof model.name === 'string' &&
        Number.isSafeInteger(model.iteration) &&
        Number.isSafeInteger(model.rank) &&
        areFiles(model.files, version),
    )
  );
}

/**
 * Refuses names that contain a path, so that a manifest cannot name files outside its directory.
 */
function areFiles(files: unknown, version: number): boolean {
  return (
    isObject(files) &&
    [files['user-factors'], files['item-factors']].every(
      (file) =>
        isObject(file) &&
        Number.isSafeInteger(file.bytes) &&
        typeof file.sha256 === 'string' &&
        // Version 1 had no names here.
        ((version === 1 && file.name === undefined) ||
          (typeof file.name === 'string' && parseFileName(file.name) !== undefined)),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function fromVersion1(body: CheckpointBody): CheckpointBody {
  const named = (part: CheckpointPart) => ({
    ...body.files[part],
    name: `checkpoint-${body.iteration}.${part}.arrow`,
  });
  const files = { 'user-factors': named('user-factors'), 'item-factors': named('item-factors') };
  return { ...body, files, kept: [] };
}

/** JSON has no NaN and writes null; a run that diverged may have some. */
function restoreNaN(body: CheckpointBody): CheckpointBody {
  const history = JSON.parse(JSON.stringify(body.history), (_key, value) =>
    value === null ? Number.NaN : value,
  );
  return { ...body, history };
}
