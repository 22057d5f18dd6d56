import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileError } from '../errors.js';
import type { ModelSettings } from '../model/model-settings.js';
import type { IdKind } from './id-column.js';

export const manifestName = 'manifest.json';
export const modelFormat = 'seesaw-model';
/** 1: no biases and no mean. 2: never without ratings. */
export const modelFormatVersion = 3;

/** Version in package.json; a test keeps them equal. */
export const packageVersion = '0.1.0';

/** The parts of a model that lie in files of their own. */
export type ModelPart = 'userFactors' | 'itemFactors' | 'ratings';

/** A data file of a model. Its name holds its checksum, so old and new never share a name. */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** `manifest.json` of a model: what its data files are, and all that is not in them. */
export interface Manifest {
  readonly format: typeof modelFormat;
  readonly formatVersion: number;
  readonly writtenBy: string;
  readonly rank: number;
  readonly users: { readonly count: number; readonly ids: IdKind };
  readonly items: { readonly count: number; readonly ids: IdKind };
  /** Undefined for a model that does not hold what users rated. */
  readonly ratings?: { readonly count: number };
  /** μ; version 1 has none, which is 0. */
  readonly globalMean?: number;
  /** Checked by `readSettings`. */
  readonly settings: ModelSettings;
  readonly files: Readonly<Record<Exclude<ModelPart, 'ratings'>, DataFile>> & {
    readonly ratings?: DataFile;
  };
}

/** File name of a part: `user-factors.<first 16 digits of its sha256>.arrow`. */
export function dataFileName(part: ModelPart, sha256: string): string {
  const stem = { userFactors: 'user-factors', itemFactors: 'item-factors', ratings: 'ratings' };
  return `${stem[part]}.${sha256.slice(0, 16)}.arrow`;
}

/** Whether only saving a model makes a file of this name: data, or left by a save that died. */
export function isModelFile(name: string): boolean {
  return (
    /^(user-factors|item-factors|ratings)\.[0-9a-f]{16}\.arrow(\.tmp)?$/.test(name) ||
    name === `${manifestName}.tmp`
  );
}

/**
 * Reads the manifest of the model in a directory and checks its shape.
 * Throws `ModelFileError`: ERR_MODEL_NOT_FOUND, ERR_MODEL_FORMAT or ERR_MODEL_VERSION.
 */
export async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(join(path, manifestName), 'utf8').catch((cause: unknown) => {
    throw notReadable(path, cause);
  });
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw foreign(path, `a ${manifestName} that is not JSON`, { cause });
  }
  if (!isObject(manifest) || manifest.format !== modelFormat) {
    throw foreign(path, `a ${manifestName} without "format": "${modelFormat}"`);
  }
  const { formatVersion } = manifest;
  if (typeof formatVersion === 'number' && formatVersion > modelFormatVersion) {
    throw new ModelFileError(
      'ERR_MODEL_VERSION',
      `found a model of format version ${formatVersion} in ${path}; expected at most ` +
        `${modelFormatVersion}, which seesaw ${packageVersion} writes; try a newer seesaw`,
    );
  }
  if (!isManifest(manifest)) throw foreign(path, `a ${manifestName} with missing or bad fields`);
  return manifest;
}

/** The error of a directory that holds something else than a whole model. */
export function foreign(path: string, found: string, options?: ErrorOptions): ModelFileError {
  return new ModelFileError(
    'ERR_MODEL_FORMAT',
    `found ${found} in ${path}; expected a model; try the directory that save() was given`,
    options,
  );
}

function notReadable(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ModelFileError(
      'ERR_MODEL_NOT_FOUND',
      `found no model at ${path}; expected a directory with a ${manifestName}; ` +
        'try the directory that save() was given',
      { cause },
    );
  }
  return cause;
}

function isManifest(value: Record<string, unknown>): value is Record<string, unknown> & Manifest {
  const { formatVersion, rank, users, items, ratings, globalMean = 0, settings, files } = value;
  return (
    isCount(formatVersion) &&
    formatVersion > 0 &&
    isCount(rank) &&
    rank > 0 &&
    [users, items].every((side) => isObject(side) && isCount(side.count) && isIdKind(side.ids)) &&
    (ratings === undefined || (isObject(ratings) && isCount(ratings.count))) &&
    Number.isFinite(globalMean) &&
    isObject(settings) &&
    isObject(files) &&
    ['userFactors', 'itemFactors'].every((part) => isDataFile(files[part])) &&
    (ratings === undefined ? files.ratings === undefined : isDataFile(files.ratings))
  );
}

/** A name with a path in it is refused: a manifest must not reach out of its directory. */
function isDataFile(file: unknown): boolean {
  return (
    isObject(file) &&
    isCount(file.bytes) &&
    typeof file.sha256 === 'string' &&
    typeof file.name === 'string' &&
    isModelFile(file.name)
  );
}

function isIdKind(kind: unknown): kind is IdKind {
  return ['string', 'number', 'bigint', 'integer', 'mixed'].includes(kind as string);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
