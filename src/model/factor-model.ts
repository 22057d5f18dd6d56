import {
  aCount,
  aFunction,
  anIterable,
  anything,
  aPath,
  checkOptions,
  checkValue,
  type Rules,
  trueOrFalse,
} from '../check-options.js';
import { MissingRatingsError } from '../errors.js';
import { itemScores } from '../kernels/wasm/item-scores.js';
import type { RatingRow } from '../ratings/from-rows.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import { type ExplainOptions, type Explanation, explain } from './explain.js';
import { foldInItem, foldInUser, rowsById } from './fold-in.js';
import type {
  FoldedItem,
  FoldedUser,
  FoldInOptions,
  ItemRating,
  UserRating,
} from './folded-row.js';
import { ItemIndexes } from './item-indexes.js';
import { copyTitles, type ItemTitles, titlesOf } from './item-titles.js';
import { itemRow, type LocatedRow, userRow } from './located-row.js';
import type { ModelContents } from './model-contents.js';
import type { ModelSettings } from './model-settings.js';
import { ModelSide } from './model-side.js';
import { type PartialFitOptions, partialFit } from './partial-fit.js';
import type { BuildIndexOptions, BuiltIndexes } from './ranking/index-store.js';
import { bestItems, itemFilter, positionsOf, recommendAllRules } from './ranking/item-filter.js';
import type { IndexList, ItemIndex } from './ranking/item-index.js';
import { ItemSet } from './ranking/item-set.js';
import { createFittingRanking, rankAllInPlace } from './ranking/parted-ranking.js';
import { checkRankingOnGpu, gpuSlots, rankOnGpu } from './ranking/rank-on-gpu.js';
import type { RankingJob, RankingRoom } from './ranking/ranking-job.js';
import { scoreItems } from './ranking/score-items.js';
import type {
  GpuRankingOptions,
  ListRequest,
  RecommendAllOptions,
  Recommendation,
  Recommender,
  RecommendOptions,
  SimilarOptions,
  SimilarUser,
  UserRecommendations,
} from './recommender.js';
import type { SeenRatings, StoredSeen } from './seen-ratings.js';
import { rowNorms, similarRows } from './similar-rows.js';

/**
 * A trained model: the factors of both sides, the ids of rows, what users rated and, if they were
 * given, the titles of items.
 *
 * The score of a user for an item is x·y, the product of their rows, rounded to float32. With
 * explicit feedback a model may have a mean and biases, and the score is μ + b_u + b_i + x·y: a
 * prediction of the rating.
 *
 * Rows that had no ratings in training are zero, and so are their biases. Such a user gets the items
 * in the order of their biases, without biases in the order of `itemIds`.
 *
 * A model does not change: `partialFit` and `withTitles` return another one.
 */
export class FactorModel implements Recommender {
  readonly rank: number;
  readonly settings: ModelSettings;
  /** μ, part of every score; 0 unless the model was trained with it. */
  readonly globalMean: number;
  /** Titles by the id of their item; empty in a model without titles. Items may lack one. */
  readonly titles: ReadonlyMap<Id, string>;
  readonly #users: ModelSide;
  readonly #items: ModelSide;
  readonly #indexes: ItemIndexes;
  readonly #makeSeen: (() => SeenRatings) | undefined;
  readonly #makeStored: (() => StoredSeen) | undefined;
  #seen: SeenRatings | undefined;
  #scores: Float32Array | undefined;

  constructor(contents: ModelContents) {
    const { rank, settings, globalMean = 0, grams, titles = new Map() } = contents;
    this.rank = rank;
    this.settings = settings;
    this.globalMean = globalMean;
    this.titles = titles;
    this.#users = new ModelSide({
      side: 'user',
      ids: contents.users,
      factors: contents.userFactors,
      biases: contents.userBiases,
      globalMean,
      settings,
      gram: grams?.user,
    });
    this.#items = new ModelSide({
      side: 'item',
      ids: contents.items,
      factors: contents.itemFactors,
      biases: contents.itemBiases,
      globalMean,
      settings,
      gram: grams?.item,
    });
    this.#indexes = new ItemIndexes(this.#items, this.#users, contents.indexes);
    this.#makeSeen = contents.seen;
    this.#makeStored = contents.storedSeen;
  }

  /** Row-major, users × rank, in the order of `userIds`. */
  get userFactors(): Float32Array {
    return this.#users.factors;
  }

  /** Row-major, items × rank, in the order of `itemIds`. */
  get itemFactors(): Float32Array {
    return this.#items.factors;
  }

  /** b_u in the order of `userIds`; undefined in a model without biases. */
  get userBiases(): Float32Array | undefined {
    return this.#users.biases;
  }

  /** b_i in the order of `itemIds`; undefined in a model without biases. */
  get itemBiases(): Float32Array | undefined {
    return this.#items.biases;
  }

  /** Ids of the rows of `userFactors`. */
  get userIds(): readonly Id[] {
    return this.#users.idList;
  }

  /** Ids of the rows of `itemFactors`. */
  get itemIds(): readonly Id[] {
    return this.#items.idList;
  }

  /**
   * Whether the model holds what users rated. False for models of other libraries: then `recommend`
   * needs `filterSeen: false` for users of the training, and methods that need their ratings throw
   * `MissingRatingsError`.
   */
  get hasSeen(): boolean {
    return this.#makeSeen !== undefined;
  }

  /** What users rated in training. Throws `MissingRatingsError` if it is not here; see `hasSeen`. */
  get seen(): SeenRatings {
    this.#seen ??= (this.#makeSeen ?? notHere)();
    return this.#seen;
  }

  /**
   * `seen`, of which some is read when it is asked for.
   *
   * @internal
   */
  get storedSeen(): StoredSeen {
    return this.#seen ?? this.#makeStored?.() ?? this.seen;
  }

  /** The title of an item; undefined if the model has none. Throws `UnknownIdError`. */
  title(itemId: Id): string | undefined {
    return this.titles.get(this.#items.ids.at(this.#items.positionOf(itemId)));
  }

  /**
   * Items for a user, best first, ties by row. Never padded: fewer candidates, fewer results. The
   * user may also be a result of `foldInUser`.
   * Throws `UnknownIdError`, `InvalidIdError`, `InvalidOptionError` or, without `hasSeen`,
   * `MissingRatingsError`.
   */
  recommend(user: Id | FoldedUser, options: RecommendOptions = {}): Recommendation[] {
    const query = this.#query({ user, options });
    const index = this.#indexes.forCall('scores');
    if (index !== undefined) return this.#listed(index.search(query));
    const { width, rows } = this.#items.scoring;
    this.#scores ??= new Float32Array(this.#items.rowCount);
    scoreItems(query.row, rows, width, this.#scores);
    return bestItems(this.#scores, this.#items.ids, query.seen, query);
  }

  /**
   * `recommend` for each of these requests: its list, or what it throws. With an index their searches
   * share what they read.
   *
   * @internal
   */
  recommendTogether(requests: readonly ListRequest[]): PromiseSettledResult<Recommendation[]>[] {
    const { index } = this;
    if (index === undefined) {
      return requests.map(({ user, options }) => settled(() => this.recommend(user, options)));
    }
    const queries = requests.map((request) => settled(() => this.#query(request)));
    const lists = index.searchAll(queries.flatMap((each) => ('value' in each ? [each.value] : [])));
    let next = 0;
    return queries.map((each) =>
      'value' in each ? { status: 'fulfilled', value: this.#listed(lists[next++]!) } : each,
    );
  }

  #query({ user, options }: ListRequest) {
    const located = userRow(user, this.#users, this.#items);
    const filter = itemFilter(options, this.#items.ids);
    const seen = filter.filterSeen ? located.entries(() => this.seen).positions : [];
    return { ...filter, row: located.scoring, score: 'product' as const, seen };
  }

  /**
   * Builds the index that `recommend` and `similarItems` use, while the event loop turns: 1,000,000
   * items of rank 64 take some seconds and 350 MB. Lists stay the same to the last bit, and one takes
   * a small part of the time. Without a call the index is built after some twenty calls of a method,
   * in the last one of them, if scoring all items takes more than a millisecond.
   *
   * A model that was loaded reads the index that was saved with it, in a fraction of that time.
   * `save` writes an index that is there; with `save: true` it is written beside the model at once.
   * An index that is damaged, or is of other factors, is built anew.
   *
   * Rejects with `MemoryLimitError` if the index needs more than 4 GiB, and with `InvalidOptionError`.
   * The same index again for another call.
   */
  async buildIndex(options: BuildIndexOptions = {}): Promise<ItemIndex> {
    checkOptions({ of: 'buildIndex' }, options, indexRules);
    return this.#indexes.build(options);
  }

  /** The index of the items' scores; undefined before it is built. */
  get index(): ItemIndex | undefined {
    return this.#indexes.ofScores;
  }

  /**
   * All its indexes, which are saved with it; undefined before they are built.
   *
   * @internal
   */
  get indexes(): BuiltIndexes | undefined {
    return this.#indexes.all;
  }

  /**
   * Items for `allow` and `deny` of this model, prepared once for many calls. Unknown ids are ignored.
   * Throws `InvalidIdError` or, for an id of the wrong type, `UnknownIdError`.
   */
  itemSet(ids: Iterable<Id>): ItemSet {
    checkValue('ids', ids, anIterable('item ids'));
    return new ItemSet(Array.from(positionsOf(ids, this.#items.ids)), this.#items.ids);
  }

  /**
   * `recommend` for every user or those of `users`, in their order: the same lists to the last bit,
   * some ten times faster than one by one. Made in blocks, each when its first list is asked for.
   */
  *recommendAll(options: RecommendAllOptions = {}): Generator<UserRecommendations> {
    yield* rankAllInPlace(this.prepareRanking(options, { slots: 1, windows: 1 }));
  }

  /**
   * `recommendAll` by this process's GPU: the same lists to the last bit. It finds the few items that
   * may belong to each list; those are scored here. If it fails, the lists that are left are made
   * here, in WASM.
   *
   * Rejects with `KernelUnavailableError` if there is no GPU, or it computes on the processor and
   * `gpu.software` is not set; `InvalidOptionError` for lists of more than 2,048 items; and as
   * `recommendAll` throws.
   */
  async *recommendAllOnGpu(
    options: RecommendAllOptions & GpuRankingOptions = {},
  ): AsyncGenerator<UserRecommendations> {
    checkOptions({ of: 'recommendAllOnGpu' }, options, onGpuRules);
    const { gpu, onFault, ...lists } = options;
    checkRankingOnGpu(lists.count ?? 10, gpu);
    const room = { slots: 1, windows: gpuSlots, onGpu: true };
    yield* rankOnGpu(this.prepareRanking(lists, room), { gpu, onFault });
  }

  /**
   * The work of `recommendAll` as tasks for threads; the stage of that name runs them.
   * Throws `UnknownIdError` or `InvalidOptionError`.
   *
   * @internal
   */
  prepareRanking(options: RecommendAllOptions, room: RankingRoom): RankingJob {
    const { ids: items, scoring } = this.#items;
    const filter = itemFilter(options, items, 'recommendAll');
    const input = {
      rank: scoring.width,
      userFactors: this.#users.scoring.rows,
      itemFactors: scoring.rows,
      itemNorms: rowNorms(scoring.rows, scoring.width),
      users: this.#users.ids,
      items,
      filter,
      seen: () => this.seen,
      positions: userPositions(options.users, this.#users),
    };
    return createFittingRanking(input, room);
  }

  /**
   * The items nearest to an item by cosine similarity of their factors, best first, without the
   * item itself. Biases do not count: they say how popular an item is, not with which users. Items
   * without ratings have no direction: they are similar to no item. `foldInItem` makes items that
   * are not in the model.
   * Throws `UnknownIdError` or `InvalidOptionError`.
   */
  similarItems(item: Id | FoldedItem, options: SimilarOptions = {}): Recommendation[] {
    const { ids } = this.#items;
    const located = itemRow(item, this.#items);
    checkOptions({ of: 'similarItems' }, options, similarRules);
    const index = this.#indexes.forCall('cosines');
    if (index !== undefined) {
      const { factors: row, position } = located;
      const deny = position === undefined ? [] : [position];
      return this.#listed(index.search({ row, count: options.count ?? 10, score: 'cosine', deny }));
    }
    return similarTo(located, this.#items, options).map(({ position, score }) => ({
      itemId: ids.at(position),
      score,
    }));
  }

  /** The users nearest to a user; see `similarItems`. */
  similarUsers(user: Id | FoldedUser, options: SimilarOptions = {}): SimilarUser[] {
    const { ids } = this.#users;
    const located = userRow(user, this.#users, this.#items);
    checkOptions({ of: 'similarUsers' }, options, similarRules);
    return similarTo(located, this.#users, options).map(({ position, score }) => ({
      userId: ids.at(position),
      score,
    }));
  }

  /** Score of one item for one user: the same number that `recommend` gives. */
  predict(user: Id | FoldedUser, item: Id | FoldedItem): number {
    const x = userRow(user, this.#users, this.#items);
    const y = itemRow(item, this.#items);
    const score = new Float32Array(1);
    scoreItems(x.scoring, y.scoring, x.scoring.length, score);
    return score[0]!;
  }

  /**
   * For each of these users in turn the scores of all items, in the order of `itemIds`: the numbers
   * that `predict` gives. Each yielded array is overwritten later; copy it to keep it.
   * Throws `UnknownIdError`.
   */
  *scoreAll(users: Iterable<Id | FoldedUser>): Generator<Float32Array> {
    const { width, rows } = this.#items.scoring;
    const rowsOf = Array.from(users, (user) => userRow(user, this.#users, this.#items).scoring);
    yield* itemScores(rows, width, rowsOf);
  }

  /**
   * The row of a user that is new or has other ratings than in training: it minimises the objective
   * with the items fixed, in float64. Nothing is stored. Methods that take a user id also take the
   * result:
   *
   *     const ann = model.foldInUser([{ item: 'tea', rating: 3 }, { item: 'jam' }]);
   *     model.recommend(ann, { count: 5 });
   *
   * All zero without ratings. Costs some ratings × rank² + rank³ operations; the first call with
   * implicit feedback sums the items' Gram matrix, which the model keeps.
   *
   * Throws `UnknownIdError` for an item that the model does not know, unless `unknown` is 'ignore';
   * `InvalidRatingError`, `DuplicateRatingError`, `InvalidOptionError`; `SingularSystemError` if
   * `regularization` is 0 and the ratings do not determine the row.
   */
  foldInUser(ratings: Iterable<ItemRating>, options: FoldInOptions = {}): FoldedUser {
    return foldInUser(ratings, this.#items, options);
  }

  /** The row of an item from who rated it; see `foldInUser`. */
  foldInItem(ratings: Iterable<UserRating>, options: FoldInOptions = {}): FoldedItem {
    return foldInItem(ratings, this.#users, options);
  }

  /**
   * `foldInUser` for every user of these ratings, in the order of first appearance. Users may have
   * any ids: the model's data of a known user is neither used nor changed.
   */
  foldInUsers(ratings: Iterable<RatingRow>, options: FoldInOptions = {}): Map<Id, FoldedUser> {
    const rows = rowsById(ratings, 'user');
    return new Map(Array.from(rows, ([id, own]) => [id, this.foldInUser(own, options)]));
  }

  /** `foldInItem` for every item of these ratings; see `foldInUsers`. */
  foldInItems(ratings: Iterable<RatingRow>, options: FoldInOptions = {}): Map<Id, FoldedItem> {
    const rows = rowsById(ratings, 'item');
    return new Map(Array.from(rows, ([id, own]) => [id, this.foldInItem(own, options)]));
  }

  /**
   * A model that knows further ratings, of new and known users and items, without training again.
   * This model does not change.
   *
   * Ratings join those that the model was trained on. Rows with new ratings are solved exactly from
   * all their ratings, by the fastest kernel or the given one: users first, then items,
   * `iterations` times. All other rows stay. New ids come after the known ones, whose positions
   * stay. A new user and a new item that have ratings only with each other have nothing to learn
   * from and stay zero: train again for them, with `initialModel`.
   *
   * Throws `InvalidIdError`, `InvalidRatingError`, `DuplicateRatingError`, `InvalidOptionError` or
   * `SingularSystemError`.
   */
  partialFit(ratings: Iterable<RatingRow>, options: PartialFitOptions = {}): FactorModel {
    const sides = { user: this.#users, item: this.#items };
    const contents = partialFit(sides, this.seen, ratings, options);
    return new FactorModel({ ...contents, titles: this.titles });
  }

  /**
   * A copy of this model with these titles in place of the old ones. They are saved with it, and
   * `partialFit` keeps them. The two models share arrays; this one does not change.
   *
   *     const titled = model.withTitles(new Map([['tea', 'Green tea'], ['jam', 'Plum jam']]));
   *     titled.title('tea');   // 'Green tea'
   *
   * Titles of unknown items are ignored, because a catalogue has more items than were rated. A lone
   * surrogate, which no file can hold, becomes U+FFFD.
   *
   * @param titles a `Map` of item id to title, or such pairs, of which the last one of an id counts
   * Throws `InvalidOptionError` for anything else and for a title that is no string, `InvalidIdError`,
   * and `UnknownIdError` for an id that differs from a known one in its type only.
   */
  withTitles(titles: ItemTitles): FactorModel {
    const seen = this.#makeSeen && (() => this.seen);
    const known = titlesOf(this.#items.ids, copyTitles(titles));
    return this.#with({ seen, storedSeen: this.#makeStored }, known);
  }

  /**
   * This model with other ratings as seen, by position.
   *
   * @internal
   */
  withSeen(seen: SeenRatings): FactorModel {
    return this.#with({ seen: () => seen }, this.titles);
  }

  /**
   * What each rating of a user adds to the score of an item, rated or not; see `Explanation`.
   * The contributions add up to `score` of the result, which is of the user's exact row, beside
   * `predicted`, which `predict` gives.
   * Throws `UnknownIdError`, `InvalidOptionError` or `SingularSystemError`.
   */
  explain(user: Id | FoldedUser, itemId: Id, options: ExplainOptions = {}): Explanation {
    const entries = userRow(user, this.#users, this.#items).entries(() => this.seen);
    const position = this.#items.positionOf(itemId);
    const predicted = this.predict(user, itemId);
    return explain({ position, predicted }, entries, this.#items, options);
  }

  #with(
    seen: Pick<ModelContents, 'seen' | 'storedSeen'>,
    titles: ReadonlyMap<Id, string>,
  ): FactorModel {
    const { rank, settings, globalMean, userFactors, itemFactors, userBiases, itemBiases } = this;
    return new FactorModel({
      ...{ rank, settings, globalMean, userFactors, itemFactors, userBiases, itemBiases },
      users: this.#users.ids,
      items: this.#items.ids,
      ...seen,
      titles,
    });
  }

  #listed({ positions, scores }: IndexList): Recommendation[] {
    const { ids } = this.#items;
    return Array.from(positions, (position, at) => ({
      itemId: ids.at(position),
      score: scores[at]!,
    }));
  }

  /**
   * The stored row of an id; undefined if the model does not know it. A view.
   *
   * @internal
   */
  rowOf(side: Side, id: Id): { readonly factors: Float32Array; readonly bias: number } | undefined {
    const rows = side === 'user' ? this.#users : this.#items;
    const position = rows.ids.positionOf(id);
    return position === undefined ? undefined : rows.rowAt(position);
  }

  /**
   * Ids and positions of one side.
   *
   * @internal
   */
  idsOf(side: Side): IdVocabulary {
    return (side === 'user' ? this.#users : this.#items).ids;
  }

  /**
   * Writes the model into a directory, which is made if it is not there; see `writeModel`. An
   * existing model there is replaced as a whole or not at all.
   */
  async save(path: string): Promise<void> {
    checkValue('path', path, aPath('a directory'));
    // Loaded when called, because most models are never saved.
    const { writeModel } = await import('./store/write-model.js');
    await writeModel(this, path);
  }
}

function settled<Value>(make: () => Value): PromiseSettledResult<Value> {
  try {
    return { status: 'fulfilled', value: make() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

function notHere(): never {
  throw new MissingRatingsError(
    'found no ratings in a model that was imported, or trained where workers read them; expected them for ' +
      'filterSeen, partialFit and explain; try filterSeen: false, with what a user knows in deny, ' +
      'or foldInUser',
  );
}

const onGpuRules: Rules<keyof (RecommendAllOptions & GpuRankingOptions)> = {
  ...recommendAllRules,
  gpu: anything,
  onFault: aFunction,
};

const indexRules: Rules<keyof BuildIndexOptions> = { save: trueOrFalse, onBuilt: aFunction };

const similarRules: Rules<keyof SimilarOptions> = { count: aCount };

function similarTo(row: LocatedRow, { factors, norms }: ModelSide, { count = 10 }: SimilarOptions) {
  return similarRows(row.factors, row.position, factors, norms, count);
}

/** Positions of these users, or of all. */
function userPositions(wanted: Iterable<Id> | undefined, users: ModelSide): Uint32Array {
  if (wanted === undefined) return Uint32Array.from({ length: users.rowCount }, (_, at) => at);
  return Uint32Array.from(wanted, (id) => users.positionOf(id));
}
