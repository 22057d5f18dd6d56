import { access, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ModelFileError } from '../../errors.js';
import type { WritableColumn } from '../../io/arrow/column.js';
import { writeArrow } from '../../io/arrow/write-arrow.js';
import { makeFolder, removeFolders } from '../../io/files/make-folder.js';
import { replaceFile, syncFolder } from '../../io/files/replace-file.js';
import { writeNewFile } from '../../io/files/write-file.js';
import { isAbandoned, type WriterToken, withToken } from '../../io/files/writer-token.js';
import { sealedJson } from '../../io/sealed-json.js';
import type { Id, IdVocabulary } from '../../ratings/id-vocabulary.js';
import type { Side } from '../../ratings/ratings.js';
import type { Elements } from '../../training/elements.js';
import { packageVersion } from '../../version.js';
import type { ModelContents } from '../model-contents.js';
import type { BuiltIndexes } from '../ranking/index-store.js';
import type { StoredSeen } from '../seen-ratings.js';
import { checkTarget } from './check-writable.js';
import { firstNonFinite } from './contents-from-columns.js';
import { encodeIds } from './id-column.js';
import { writeIndexes } from './index-file.js';
import {
  dataFileBytes,
  dataFileName,
  dataFilesOf,
  isModelFile,
  type Manifest,
  type ModelPart,
  manifestName,
  modelFileNames,
  modelFormat,
  modelFormatVersion,
  readManifest,
  writerOf,
} from './manifest.js';
import { unwritableModel } from './model-file-errors.js';

/** What of a model is written. */
export interface StorableModel extends Pick<ModelContents, 'rank' | 'settings'> {
  /** Row-major, rows × rank, in the order of ids. */
  readonly userFactors: Elements<Float32Array>;
  readonly itemFactors: Elements<Float32Array>;
  readonly userBiases?: Elements<Float32Array> | undefined;
  readonly itemBiases?: Elements<Float32Array> | undefined;
  readonly globalMean: number;
  /** Ids of the rows of a side. */
  idsOf(side: Side): IdVocabulary;
  readonly titles: ReadonlyMap<Id, string>;
  /** Whether it holds what users rated. */
  readonly hasSeen: boolean;
  /** Read only if `hasSeen`. */
  readonly storedSeen: StoredSeen;
  /** Undefined, or missing, before they are built. */
  readonly indexes?: BuiltIndexes | undefined;
}

/** Where a model lies now. */
export interface SavedModel {
  /** Absolute. */
  readonly directory: string;
  /** Of its data files. */
  readonly bytes: number;
}

/** How a model is written. */
export interface SaveOptions {
  /** About how many bytes of rows lie in one record batch of a data file. Default 64 MiB. */
  readonly batchBytes?: number;
}

/** The last save into each directory, for the next one to wait for. */
const running = new Map<string, Promise<unknown>>();

/**
 * Writes a model into a directory, which is made if it is not there.
 *
 *     manifest.json                   sizes, settings, checksums
 *     user-factors.<token>.arrow      id, factors: fixed_size_list<float32>[rank], bias: float32 if any
 *     item-factors.<token>.arrow      the same
 *     ratings.<token>.arrow           id, items: list<uint32> (rows of item-factors), ratings: list<float32>;
 *                                     not for a model without them (`hasSeen`)
 *     titles.<token>.arrow            item: int32 (row of item-factors, rising), title; not for a model without
 *     item-index.<token>.bin          the index, if it is built; not in the manifest: see store/index-file.ts
 *
 * The data files are written under names that belong to this save alone, and synced; then the
 * manifest that names them is renamed over the old one; then the old files are removed. So a crash
 * at any moment leaves the old model or the new one, whole. If several processes save into one
 * directory at once, the last one's model stays. A later save removes the leftovers of a killed
 * one. Data files are written in record batches, so their size has no limit.
 *
 * Throws `ModelFileError`: ERR_MODEL_TARGET if the path is a file, or a directory with anything else
 * in it; ERR_MODEL_UNWRITABLE if the operating system refuses; ERR_MODEL_FORMAT for factors that are
 * not finite, which could not be loaded. What lay there is then unchanged.
 */
export async function writeModel(
  model: StorableModel,
  path: string,
  options: SaveOptions = {},
): Promise<SavedModel> {
  const directory = resolve(path);
  const save = (running.get(directory) ?? Promise.resolve())
    .catch(() => {})
    .then(() => withToken((token) => writeAndReplace(model, directory, token, options)));
  running.set(directory, save);
  try {
    return await save;
  } catch (error) {
    throw unwritableModel(path, error);
  } finally {
    if (running.get(directory) === save) running.delete(directory);
  }
}

async function writeAndReplace(
  model: StorableModel,
  directory: string,
  token: WriterToken,
  options: SaveOptions,
): Promise<SavedModel> {
  checkFinite(model);
  await checkTarget(directory);
  const made = await makeFolder(directory);
  let manifest: Manifest;
  let replaced: readonly string[];
  try {
    manifest = await writeParts(model, directory, token, options);
    await writeIndexes(model.indexes, directory, manifest);
    await syncFolder(directory);
    // A clock that was set forward can make another save take these for abandoned.
    for (const [, { name }] of dataFilesOf(manifest)) await access(join(directory, name));
    replaced = [...(await namesInManifest(directory)), ...modelFileNames(manifest)];
    await replaceFile(join(directory, manifestName), sealedJson(manifest), token);
  } catch (error) {
    // A failed clean-up must not hide why the save failed.
    await removeModelFiles(directory, (name) => writerOf(name) === token).catch(() => {});
    await removeFolders(made);
    throw error;
  }
  await syncFolder(directory);
  for (const folder of made) await syncFolder(dirname(folder));
  // The model is saved; old files that stay do no harm, and a later save tries again.
  await removeOldFiles(directory, replaced).catch(() => {});
  return { directory, bytes: dataFileBytes(manifest) };
}

/** Writes the data files and returns the manifest that names them. */
async function writeParts(
  model: StorableModel,
  directory: string,
  token: WriterToken,
  { batchBytes }: SaveOptions,
): Promise<Manifest> {
  const { rank, settings } = model;
  const seen = model.hasSeen ? model.storedSeen : undefined;
  const users = encodeIds(model.idsOf('user'));
  const items = encodeIds(model.idsOf('item'));
  const biases = (values: Elements<Float32Array> | undefined): Record<string, WritableColumn> =>
    values === undefined ? {} : { bias: { type: 'float32', values } };
  const write = async (part: ModelPart, columns: Readonly<Record<string, WritableColumn>>) => {
    const name = dataFileName(part, token);
    return {
      name,
      ...(await writeNewFile(join(directory, name), writeArrow(columns, batchBytes))),
    };
  };
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
  const columns = titleColumns(model);
  const titles = columns && (await write('titles', columns));
  return {
    format: modelFormat,
    formatVersion: modelFormatVersion,
    writtenBy: `seesaw ${packageVersion}`,
    rank,
    users: { count: model.idsOf('user').size, ids: users.kind },
    items: { count: model.idsOf('item').size, ids: items.kind },
    ...(seen && { ratings: { count: seen.items.length } }),
    ...(columns && { titles: { count: columns.title.values.length } }),
    globalMean: model.globalMean,
    settings,
    files: { userFactors, itemFactors, ...(ratings && { ratings }), ...(titles && { titles }) },
  };
}

/** The titles by row of item-factors; undefined for a model without. */
function titleColumns(model: StorableModel) {
  const { titles } = model;
  if (titles.size === 0) return undefined;
  const itemIds = model.idsOf('item');
  const items: number[] = [];
  const values: string[] = [];
  for (let item = 0; item < itemIds.size; item++) {
    const title = titles.get(itemIds.at(item));
    if (title === undefined) continue;
    items.push(item);
    values.push(title);
  }
  return {
    item: { type: 'int32', values: Int32Array.from(items) },
    title: { type: 'utf8', values },
  } as const;
}

/** Data files that the manifest in a directory names now; none if there is no good one. */
async function namesInManifest(directory: string): Promise<readonly string[]> {
  return readManifest(directory).then(modelFileNames, () => []);
}

/**
 * Removes files that no manifest will name again: data files of replaced models, and leftovers of
 * killed saves. Files of a live save elsewhere stay.
 */
async function removeOldFiles(directory: string, replaced: readonly string[]): Promise<void> {
  // Another save may have replaced this one's manifest already. Without one nothing is certain.
  const kept = modelFileNames(await readManifest(directory));
  await removeModelFiles(directory, async (name) => {
    if (kept.includes(name)) return false;
    const token = writerOf(name);
    if (token === undefined || replaced.includes(name)) return true;
    return isAbandoned(token, (await stat(join(directory, name))).mtimeMs);
  });
}

async function removeModelFiles(
  directory: string,
  isOld: (name: string) => boolean | Promise<boolean>,
): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !isModelFile(entry.name)) continue;
    // Another save may be clearing the same.
    const wasOld = await Promise.resolve(isOld(entry.name)).catch(() => false);
    if (wasOld) await rm(join(directory, entry.name), { force: true }).catch(() => {});
  }
}

function checkFinite(model: StorableModel): void {
  const found = firstNonFinite(model);
  if (found === undefined) return;
  throw new ModelFileError(
    'ERR_MODEL_FORMAT',
    `found ${found} in the model; expected finite numbers; try more regularization, ` +
      'fewer iterations or smaller ratings',
  );
}
