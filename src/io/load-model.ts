import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileError } from '../errors.js';
import { FactorModel, type ModelParts } from '../model/factor-model.js';
import type { ModelSettings } from '../model/model-settings.js';
import type { SeenRatings } from '../model/seen-ratings.js';
import { type Column, decodeArrow } from './arrow.js';
import { decodeIds } from './id-column.js';
import { type DataFile, foreign, type Manifest, type ModelPart, readManifest } from './manifest.js';
import { readSettings } from './read-settings.js';

type Columns = ReadonlyMap<string, Column>;

/**
 * Reads a model that `saveModel` wrote, after checking every byte of it against its checksums.
 *
 * Throws `ModelFileError`: ERR_MODEL_NOT_FOUND if nothing is there, ERR_MODEL_FORMAT if it is
 * something else, ERR_MODEL_VERSION if a newer seesaw wrote it, ERR_MODEL_CHECKSUM if a file was
 * cut or changed.
 */
export async function loadModel(path: string): Promise<FactorModel> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile()) throw foreign(path, 'a file');
  const manifest = await readManifest(path).catch((error: unknown) => {
    const isMissing = error instanceof ModelFileError && error.code === 'ERR_MODEL_NOT_FOUND';
    throw isMissing && stats !== undefined ? foreign(path, 'no manifest.json') : error;
  });
  const settings = checkedSettings(path, manifest);
  const [users, items, ratings] = await Promise.all([
    readColumns(path, manifest, 'userFactors'),
    readColumns(path, manifest, 'itemFactors'),
    manifest.ratings && readColumns(path, manifest, 'ratings'),
  ]);
  try {
    return new FactorModel({
      ...modelParts(manifest, settings, users, items, ratings),
      settings,
    });
  } catch (cause) {
    throw foreign(path, 'data files that do not fit their manifest', { cause });
  }
}

function checkedSettings(path: string, { settings, rank }: Manifest): ModelSettings {
  try {
    // What a manifest holds is not known to be settings before this.
    return readSettings(settings as unknown as Record<string, unknown>, rank);
  } catch (cause) {
    const { message } = cause as Error;
    throw foreign(path, `a manifest with bad settings (${message})`, { cause });
  }
}

async function readColumns(path: string, manifest: Manifest, part: ModelPart): Promise<Columns> {
  // Whoever reads a part knows that it is there.
  const file = manifest.files[part]!;
  const bytes = await readFile(join(path, file.name)).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? foreign(path, `no ${file.name}`, { cause }) : cause;
  });
  checkBytes(path, file, bytes);
  try {
    return await decodeArrow(bytes);
  } catch (cause) {
    throw foreign(path, `${file.name}, which is no Arrow file of this format,`, { cause });
  }
}

function checkBytes(path: string, file: DataFile, bytes: Uint8Array): void {
  const advice = 'try saving the model again, or a backup';
  if (bytes.length !== file.bytes) {
    throw new ModelFileError(
      'ERR_MODEL_CHECKSUM',
      `found ${bytes.length} bytes in ${join(path, file.name)}; expected ${file.bytes}; ${advice}`,
    );
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== file.sha256) {
    throw new ModelFileError(
      'ERR_MODEL_CHECKSUM',
      `found sha256 ${sha256} of ${join(path, file.name)}; expected ${file.sha256}; ${advice}`,
    );
  }
}

/** Throws `TypeError` when a column is missing, of another type or of another length. */
function modelParts(
  manifest: Manifest,
  settings: ModelSettings,
  users: Columns,
  items: Columns,
  ratings: Columns | undefined,
): Omit<ModelParts, 'settings'> {
  const { rank, globalMean = 0 } = manifest;
  const userIds = decodeIds(manifest.users.ids, users.get('id'));
  const itemIds = decodeIds(manifest.items.ids, items.get('id'));
  const userFactors = factorsOf(users, manifest.users.count, rank);
  const itemFactors = factorsOf(items, manifest.items.count, rank);
  const userBiases = biasesOf(users, manifest.users.count);
  const itemBiases = biasesOf(items, manifest.items.count);
  const seen = ratings && seenOf(ratings, manifest);
  expectEqual('user ids', userIds.size, manifest.users.count);
  expectEqual('item ids', itemIds.size, manifest.items.count);
  for (const biases of [userBiases, itemBiases]) {
    expectEqual('columns of biases', biases ? 1 : 0, settings.biases ? 1 : 0);
  }
  return {
    rank,
    userFactors,
    itemFactors,
    userBiases,
    itemBiases,
    globalMean,
    users: userIds,
    items: itemIds,
    seen: seen && (() => seen),
  };
}

function factorsOf(columns: Columns, rowCount: number, rank: number): Float32Array {
  const column = columns.get('factors');
  if (column?.type !== 'vectors') throw new TypeError('expected a column factors of vectors');
  expectEqual('rank', column.width, rank);
  expectEqual('factors', column.values.length, rowCount * rank);
  return column.values;
}

function biasesOf(columns: Columns, rowCount: number): Float32Array | undefined {
  const column = columns.get('bias');
  if (column === undefined) return undefined;
  if (column.type !== 'float32') throw new TypeError('expected a column bias of float32');
  expectEqual('biases', column.values.length, rowCount);
  return column.values;
}

function seenOf(columns: Columns, manifest: Manifest): SeenRatings {
  const items = columns.get('items');
  const ratings = columns.get('ratings');
  if (
    items?.type !== 'lists' ||
    ratings?.type !== 'lists' ||
    !(items.values instanceof Uint32Array) ||
    !(ratings.values instanceof Float32Array)
  ) {
    throw new TypeError('expected columns items and ratings of lists');
  }
  expectEqual('users with lists', items.offsets.length - 1, manifest.users.count);
  expectEqual('rated items', items.values.length, manifest.ratings!.count);
  expectEqual('ratings', ratings.values.length, manifest.ratings!.count);
  return { offsets: items.offsets, items: items.values, ratings: ratings.values };
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new TypeError(`found ${found} ${what}; expected ${expected}`);
}
