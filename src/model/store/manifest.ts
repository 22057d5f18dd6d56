import { join } from 'node:path';
import { ModelFileError } from '../../errors.js';
import { NotAFileError, readSmallFile } from '../../io/files/regular-file.js';
import { tokenPattern, type WriterToken } from '../../io/files/writer-token.js';
import { isSealed } from '../../io/sealed-json.js';
import { packageVersion } from '../../version.js';
import type { ModelSettings } from '../model-settings.js';
import type { IdKind } from './id-column.js';
import { foreign, unreadableModel } from './model-file-errors.js';

export const manifestName = 'manifest.json';
export const modelFormat = 'seesaw-model';
/**
 * 1: no biases and no mean. 2: never without ratings. 3: data files are of one record batch and named
 * by their checksum, and the manifest has no digest of itself.
 */
export const modelFormatVersion = 4;

/** Larger ones are not read. */
const maxManifestBytes = 2 ** 24;

/** The parts of a model that lie in files of their own, and what the names of their files begin with. */
const fileStems = {
  userFactors: 'user-factors',
  itemFactors: 'item-factors',
  ratings: 'ratings',
  titles: 'titles',
} as const;

export type ModelPart = keyof typeof fileStems;

/** Parts that a model need not have. */
type OptionalPart = 'ratings' | 'titles';

/** A data file of a model. Its name belongs to one save, so old and new never share it. */
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
  /** Undefined for a model without titles. */
  readonly titles?: { readonly count: number };
  /** μ; version 1 has none, which is 0. */
  readonly globalMean?: number;
  /** Checked by `readSettings`. */
  readonly settings: ModelSettings;
  readonly files: Readonly<Record<Exclude<ModelPart, OptionalPart>, DataFile>> &
    Readonly<Partial<Record<OptionalPart, DataFile>>>;
}

/** File name of a part: `user-factors.<token>.arrow`. */
export function dataFileName(part: ModelPart, token: WriterToken): string {
  return `${fileStems[part]}.${token}.arrow`;
}

/** Up to version 3 a data file was named by a part of its checksum. */
const oldName = '(?:user-factors|item-factors|ratings)\\.[0-9a-f]{16}\\.arrow';
/** A data file of a model as `dataFileName` calls it, or as it was called before. */
const dataFilePattern = new RegExp(
  `^(?:(?:${Object.values(fileStems).join('|')})\\.(${tokenPattern})\\.arrow|${oldName})$`,
);
/** The file of an index as `indexFileName` calls it. */
const indexPattern = new RegExp(`^item-index\\.(?:(${tokenPattern})|[0-9a-f]{16})\\.bin$`);
/** Other files that a killed save may leave. */
const remainsPattern = new RegExp(
  `^(?:(?:${manifestName}|item-index\\.[0-9a-f-]+\\.bin)(?:\\.(${tokenPattern}))?|${oldName})\\.tmp$`,
);

/** Whether only saving a model makes a file of this name: data, or left by a save that died. */
export function isModelFile(name: string): boolean {
  return dataFilePattern.test(name) || indexPattern.test(name) || remainsPattern.test(name);
}

/**
 * The writer of a file of a model, for an index that of the factors that it belongs to; undefined for
 * those of versions up to 3.
 */
export function writerOf(name: string): WriterToken | undefined {
  const patterns = [dataFilePattern, indexPattern, remainsPattern];
  return patterns.map((pattern) => pattern.exec(name)?.[1]).find((token) => token !== undefined);
}

/**
 * The file of the indexes of a model, which it need not have: not in the manifest, because a service
 * writes it later. Named after the item factors that they are made of, so that a model which is saved
 * over another never has the other's.
 */
export function indexFileName({ files }: Manifest): string {
  return files.itemFactors.name.replace(/^item-factors(.*)arrow$/, 'item-index$1bin');
}

/** The data files of a model, each with the part that it holds. */
export function dataFilesOf({ files }: Manifest): readonly (readonly [ModelPart, DataFile])[] {
  const parts = Object.keys(fileStems) as ModelPart[];
  return parts.flatMap((part) => {
    const file = files[part];
    return file === undefined ? [] : [[part, file] as const];
  });
}

/** Names of the data files, and of the index that may be there. */
export function modelFileNames(manifest: Manifest): string[] {
  return [...dataFilesOf(manifest).map(([, { name }]) => name), indexFileName(manifest)];
}

/** Bytes of all data files. */
export function dataFileBytes(manifest: Manifest): number {
  return dataFilesOf(manifest).reduce((sum, [, { bytes }]) => sum + bytes, 0);
}

/**
 * Reads the manifest of the model in a directory, checks its digest and its shape.
 * Throws `ModelFileError`: ERR_MODEL_NOT_FOUND, ERR_MODEL_FORMAT, ERR_MODEL_VERSION,
 * ERR_MODEL_CHECKSUM or ERR_MODEL_UNREADABLE.
 */
export async function readManifest(path: string): Promise<Manifest> {
  const text = await readSmallFile(join(path, manifestName), maxManifestBytes).catch(
    (cause: unknown) => {
      throw notReadable(path, cause);
    },
  );
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
  // Older manifests have no digest.
  const hasDigest = 'sha256' in manifest || formatVersion === modelFormatVersion;
  if (hasDigest && !isSealed(text, manifest)) {
    throw new ModelFileError(
      'ERR_MODEL_CHECKSUM',
      `found other figures than were written in ${join(path, manifestName)}; expected the ` +
        'manifest as it was saved; try saving the model again, or a backup',
    );
  }
  if (!isManifest(manifest)) throw foreign(path, `a ${manifestName} with missing or bad fields`);
  return manifest;
}

function notReadable(path: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ModelFileError(
      'ERR_MODEL_NOT_FOUND',
      `found no model at ${path}; expected a directory with a ${manifestName}; ` +
        'try the directory that save() was given',
      { cause },
    );
  }
  if (cause instanceof NotAFileError) {
    return foreign(path, `${cause.found} in the place of ${manifestName}`, { cause });
  }
  if (cause instanceof RangeError) return foreign(path, `a ${manifestName} of too many bytes`);
  return unreadableModel(path, cause);
}

function isManifest(value: Record<string, unknown>): value is Record<string, unknown> & Manifest {
  const { formatVersion, rank, users, items, globalMean = 0, settings, files } = value;
  return (
    isCount(formatVersion) &&
    formatVersion > 0 &&
    isCount(rank) &&
    rank > 0 &&
    [users, items].every((side) => isObject(side) && isCount(side.count) && isIdKind(side.ids)) &&
    Number.isFinite(globalMean) &&
    isObject(settings) &&
    isObject(files) &&
    ['userFactors', 'itemFactors'].every((part) => isDataFile(files[part])) &&
    (['ratings', 'titles'] as const).every((part) => isOptionalPart(value[part], files[part]))
  );
}

/** What is counted has a file, and the other way round. */
function isOptionalPart(described: unknown, file: unknown): boolean {
  if (described === undefined) return file === undefined;
  return isObject(described) && isCount(described.count) && isDataFile(file);
}

/**
 * Refuses names that contain a path, so that a manifest cannot name files outside its directory.
 */
function isDataFile(file: unknown): boolean {
  return (
    isObject(file) &&
    isCount(file.bytes) &&
    typeof file.sha256 === 'string' &&
    typeof file.name === 'string' &&
    dataFilePattern.test(file.name)
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
