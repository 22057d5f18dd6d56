import type { ArrowColumns } from '../../io/arrow/column.js';
import type { Id, IdVocabulary } from '../../ratings/id-vocabulary.js';
import type { Elements } from '../../training/elements.js';
import type { ModelContents } from '../model-contents.js';
import type { ModelSettings } from '../model-settings.js';
import type { SeenRatings } from '../seen-ratings.js';
import { decodeIds } from './id-column.js';
import type { Manifest, ModelPart } from './manifest.js';

/**
 * What the data files of a model hold, checked to be a model: all that is there, of one length, finite,
 * every id once, and ratings and titles of its items in order. Throws `TypeError` for anything else.
 *
 * @param columns of every data file that the manifest names
 */
export function contentsFromColumns(
  manifest: Manifest,
  settings: ModelSettings,
  columns: ReadonlyMap<ModelPart, ArrowColumns>,
): ModelContents {
  const { rank, globalMean = 0 } = manifest;
  // No manifest is without the files of factors.
  const [users, items] = [columns.get('userFactors')!, columns.get('itemFactors')!];
  const [ratings, titles] = [columns.get('ratings'), columns.get('titles')];
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
  const contents = { userFactors, itemFactors, userBiases, itemBiases, globalMean };
  const nonFinite = firstNonFinite(contents);
  if (nonFinite !== undefined) throw new TypeError(`found ${nonFinite}; expected finite numbers`);
  return {
    rank,
    ...contents,
    users: userIds,
    items: itemIds,
    seen: seen && (() => seen),
    settings,
    titles: titles && titlesIn(titles, manifest, itemIds),
  };
}

/** The numbers of a model. */
interface ModelNumbers {
  readonly userFactors: Elements<Float32Array>;
  readonly itemFactors: Elements<Float32Array>;
  readonly userBiases?: Elements<Float32Array> | undefined;
  readonly itemBiases?: Elements<Float32Array> | undefined;
  readonly globalMean?: number | undefined;
}

/** The first number of a model that is none, for a message: `NaN among the user factors`. */
export function firstNonFinite({
  userFactors,
  itemFactors,
  userBiases,
  itemBiases,
  globalMean = 0,
}: ModelNumbers): string | undefined {
  const all = { userFactors, itemFactors, userBiases, itemBiases };
  for (const [name, values] of Object.entries(all)) {
    const found = values === undefined ? undefined : nonFiniteIn(values);
    if (found === undefined) continue;
    const words = name.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`);
    return `${found} in the ${words}`;
  }
  return Number.isFinite(globalMean) ? undefined : `${globalMean} in the global mean`;
}

/** Elements that are looked at together. */
const chunkElements = 2 ** 22;

function nonFiniteIn(values: Elements<Float32Array>): number | undefined {
  for (let start = 0; start < values.length; start += chunkElements) {
    const chunk = values.subarray(start, Math.min(start + chunkElements, values.length));
    const at = nonFiniteAt(chunk);
    if (at >= 0) return chunk[at];
  }
  return undefined;
}

/** A loop, because `findIndex` takes a second for what this does in a tenth. */
function nonFiniteAt(values: Float32Array): number {
  for (let at = 0; at < values.length; at++) {
    if (!Number.isFinite(values[at])) return at;
  }
  return -1;
}

function factorsOf(columns: ArrowColumns, rowCount: number, rank: number): Float32Array {
  const column = columns.get('factors');
  if (column?.type !== 'vectors') throw new TypeError('expected a column factors of vectors');
  expectEqual('rank', column.width, rank);
  expectEqual('factors', column.values.length, rowCount * rank);
  return column.values;
}

function biasesOf(columns: ArrowColumns, rowCount: number): Float32Array | undefined {
  const column = columns.get('bias');
  if (column === undefined) return undefined;
  if (column.type !== 'float32') throw new TypeError('expected a column bias of float32');
  expectEqual('biases', column.values.length, rowCount);
  return column.values;
}

function seenOf(columns: ArrowColumns, manifest: Manifest): SeenRatings {
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
  expectEqual('users with ratings', ratings.offsets.length - 1, manifest.users.count);
  expectEqual('rated items', items.values.length, manifest.ratings!.count);
  expectEqual('ratings', ratings.values.length, manifest.ratings!.count);
  for (const [at, offset] of items.offsets.entries()) {
    expectEqual(`ratings up to user ${at}`, ratings.offsets[at]!, offset);
  }
  const seen = { offsets: items.offsets, items: items.values, ratings: ratings.values };
  checkSeen(seen, manifest.items.count);
  return seen;
}

/** Every item is one of the model, and rises inside a user: so each user has it once. */
function checkSeen({ offsets, items, ratings }: SeenRatings, itemCount: number): void {
  for (let user = 0; user + 1 < offsets.length; user++) {
    let before = -1;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = items[at]!;
      if (item <= before || item >= itemCount) {
        throw new TypeError(`found item ${item} after ${before} of user ${user}, of ${itemCount}`);
      }
      before = item;
    }
  }
  const at = nonFiniteAt(ratings);
  if (at >= 0) throw new TypeError(`found a rating of ${ratings[at]}; expected finite numbers`);
}

/** Items rise, so each is one of the model and has one title. */
function titlesIn(
  columns: ArrowColumns,
  manifest: Manifest,
  itemIds: IdVocabulary,
): Map<Id, string> {
  const items = columns.get('item');
  const texts = columns.get('title');
  if (items?.type !== 'int32' || texts?.type !== 'utf8') {
    throw new TypeError('expected columns item of int32 and title of text');
  }
  expectEqual('items with titles', items.values.length, manifest.titles!.count);
  expectEqual('titles', texts.values.length, manifest.titles!.count);
  const titles = new Map<Id, string>();
  let before = -1;
  for (const [at, item] of items.values.entries()) {
    if (item <= before || item >= itemIds.size) {
      throw new TypeError(`found a title of item ${item} after ${before}, of ${itemIds.size}`);
    }
    titles.set(itemIds.at(item), texts.values.at(at)!);
    before = item;
  }
  return titles;
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new TypeError(`found ${found} ${what}; expected ${expected}`);
}
