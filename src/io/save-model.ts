import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ModelFileError } from '../errors.js';
import type { FactorModel } from '../model/factor-model.js';
import { type Column, encodeArrow } from './arrow.js';
import { encodeIds } from './id-column.js';
import {
  dataFileName,
  isModelFile,
  type Manifest,
  type ModelPart,
  manifestName,
  modelFormat,
  modelFormatVersion,
  packageVersion,
  readManifest,
} from './manifest.js';
import { replaceFile, syncDirectory } from './replace-file.js';

/** Where a model lies now. */
export interface SavedModel {
  /** Absolute. */
  readonly directory: string;
  /** Of its data files. */
  readonly bytes: number;
}

/** The last save into each directory, for the next one to wait for. */
const running = new Map<string, Promise<unknown>>();

/**
 * Writes a model into a directory, which is made if it is not there.
 *
 *     manifest.json                   sizes, settings, checksums
 *     user-factors.<hash>.arrow       id, factors: fixed_size_list<float32>[rank], bias: float32 if any
 *     item-factors.<hash>.arrow       the same
 *     ratings.<hash>.arrow            id, items: list<uint32> (rows of item-factors), ratings: list<float32>;
 *                                     not for a model without them (`hasSeen`)
 *
 * The data files are written under new names and synced; then the manifest is renamed over the old
 * one; then the old files go. So a crash at any moment leaves the old model or the new one, whole,
 * and the next save clears what it left. Saves of one process into one directory queue; two
 * processes must not save into one directory at once.
 *
 * Throws `ModelFileError` with ERR_MODEL_TARGET if the path is a file, or a directory with anything
 * else in it, and the operating system's error if writing fails; what lay there is then unchanged.
 */
export async function saveModel(model: FactorModel, path: string): Promise<SavedModel> {
  const directory = resolve(path);
  const save = (running.get(directory) ?? Promise.resolve())
    .catch(() => {})
    .then(() => writeModel(model, directory));
  running.set(directory, save);
  try {
    return await save;
  } finally {
    if (running.get(directory) === save) running.delete(directory);
  }
}

async function writeModel(model: FactorModel, directory: string): Promise<SavedModel> {
  const before = await checkTarget(directory);
  const made = await mkdir(directory, { recursive: true });
  let manifest: Manifest;
  try {
    manifest = await writeParts(model, directory);
    await syncDirectory(directory);
    await replaceFile(join(directory, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    // What cannot be cleaned up must not hide why the save failed.
    await removeModelFilesBut(directory, before).catch(() => {});
    await removeMade(directory, made);
    throw error;
  }
  await syncDirectory(directory);
  if (made !== undefined) await syncDirectory(dirname(made));
  await removeModelFilesBut(directory, dataFileNames(manifest));
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  return { directory, bytes };
}

/**
 * Names of the data files of the model that lies in `directory`; none if nothing does.
 * Throws `ModelFileError` with ERR_MODEL_TARGET if something else lies there, so that whoever is
 * about to work for a model knows beforehand that it can be saved.
 */
export async function checkTarget(directory: string): Promise<readonly string[]> {
  const stats = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error.code === 'ENOTDIR' ? taken(directory, 'a file on the way to it', error) : error;
  });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) throw taken(directory, 'a file');
  const names = await readdir(directory);
  if (!names.includes(manifestName)) {
    const other = names.find((name) => !isModelFile(name));
    if (other !== undefined) throw taken(directory, `${other} in it and no ${manifestName}`);
    return [];
  }
  try {
    return dataFileNames(await readManifest(directory));
  } catch (cause) {
    throw taken(directory, `a ${manifestName} that is no model's`, cause);
  }
}

/** Writes the data files and returns the manifest that names them. */
async function writeParts(model: FactorModel, directory: string): Promise<Manifest> {
  const { rank, settings } = model;
  const seen = model.hasSeen ? model.seen : undefined;
  const users = encodeIds(model.userIds);
  const items = encodeIds(model.itemIds);
  const biases = (values: Float32Array | undefined): Record<string, Column> =>
    values === undefined ? {} : { bias: { type: 'float32', values } };
  const write = async (part: ModelPart, columns: Readonly<Record<string, Column>>) => {
    const bytes = await encodeArrow(columns);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const name = dataFileName(part, sha256);
    await replaceFile(join(directory, name), bytes);
    return { name, bytes: bytes.length, sha256 };
  };
  // One after the other: each holds a copy of its data while it is written.
  const userFactors = await write('userFactors', {
    id: users.column,
    factors: { type: 'vectors', width: rank, values: model.userFactors },
    ...biases(model.userBiases),
  });
  const itemFactors = await write('itemFactors', {
    id: items.column,
    factors: { type: 'vectors', width: rank, values: model.itemFactors },
    ...biases(model.itemBiases),
  });
  const ratings =
    seen &&
    (await write('ratings', {
      id: users.column,
      items: { type: 'lists', offsets: seen.offsets, values: seen.items },
      ratings: { type: 'lists', offsets: seen.offsets, values: seen.ratings },
    }));
  return {
    format: modelFormat,
    formatVersion: modelFormatVersion,
    writtenBy: `seesaw ${packageVersion}`,
    rank,
    users: { count: model.userIds.length, ids: users.kind },
    items: { count: model.itemIds.length, ids: items.kind },
    ...(seen && { ratings: { count: seen.items.length } }),
    globalMean: model.globalMean,
    settings,
    files: { userFactors, itemFactors, ...(ratings && { ratings }) },
  };
}

async function removeModelFilesBut(directory: string, kept: readonly string[]): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !isModelFile(entry.name) || kept.includes(entry.name)) continue;
    await rm(join(directory, entry.name), { force: true });
  }
}

/** Removes the directories from `made` down to `directory` again, as far as they are empty. */
async function removeMade(directory: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  await rmdir(directory).catch(() => {});
  if (directory !== made) await removeMade(dirname(directory), made);
}

function dataFileNames({ files }: Manifest): string[] {
  return Object.values(files).map(({ name }) => name);
}

function taken(directory: string, found: string, cause?: unknown): ModelFileError {
  return new ModelFileError(
    'ERR_MODEL_TARGET',
    `found ${found} at ${directory}; expected a model, an empty directory or nothing; ` +
      'try another path',
    { cause },
  );
}
