import { aCount, checkOptions, oneOf, type Rules } from '../check-options.js';
import { SingularSystemError } from '../errors.js';
import {
  type ProcessorKernelOption,
  processorKernelOptions,
} from '../kernels/select/choose-kernel.js';
import type { RatingRow } from '../ratings/from-rows.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import { aPolicy } from '../ratings/merge-duplicates.js';
import type { DuplicatesPolicy, Side } from '../ratings/ratings.js';
import type { ModelContents } from './model-contents.js';
import { addOuterProduct, type ModelSide } from './model-side.js';
import { readNewEntries } from './new-entries.js';
import type { FixedSide } from './row-solver.js';
import type { SeenRatings } from './seen-ratings.js';
import { type SolvedRows, solveRows } from './solve-rows.js';
import { replaceSeen, type TouchedRows, touchedItems, touchedUsers } from './touched-rows.js';

/** How further ratings join a model. */
export interface PartialFitOptions {
  /** Users, then items with new ratings are solved so many times, an integer ≥ 1. Default 2. */
  readonly iterations?: number | undefined;
  /**
   * What to do with a pair that is already rated; the stored rating counts as the first one.
   * Default `last`: the new rating replaces it.
   */
  readonly duplicates?: DuplicatesPolicy | undefined;
  /** As in training: `wasm-simd128` gives the same bits on every machine. Default `auto`. */
  readonly kernel?: ProcessorKernelOption | undefined;
}

const rules: Rules<keyof PartialFitOptions> = {
  iterations: aCount,
  duplicates: aPolicy,
  kernel: oneOf(...processorKernelOptions),
};

/**
 * The contents of a model that knows further ratings: rows with new ratings are solved exactly, users
 * first, against rows that stay as they are; see `FactorModel.partialFit`.
 */
export function partialFit(
  { user, item }: Readonly<Record<Side, ModelSide>>,
  seen: SeenRatings,
  ratings: Iterable<RatingRow>,
  options: PartialFitOptions,
): ModelContents {
  checkOptions({ of: 'partialFit' }, options, rules);
  const { iterations = 2, duplicates: policy = 'last', kernel = 'auto' } = options;
  const { settings, globalMean } = user;
  const known = { users: user.ids, items: item.ids };
  const entries = readNewEntries(ratings, known, settings.feedback);
  const users = touchedUsers(seen, entries, policy);
  const nowSeen = replaceSeen(seen, users, entries.userIds.size);
  const items = touchedItems(nowSeen, entries);
  const grown = { user: grow(user, entries.userIds), item: grow(item, entries.itemIds) };
  for (let iteration = 0; iteration < iterations; iteration++) {
    solveTouched(grown.user, grown.item, users, kernel);
    solveTouched(grown.item, grown.user, items, kernel);
  }
  return {
    rank: settings.rank,
    userFactors: grown.user.factors,
    itemFactors: grown.item.factors,
    userBiases: grown.user.biases,
    itemBiases: grown.item.biases,
    globalMean,
    users: entries.userIds,
    items: entries.itemIds,
    seen: () => nowSeen,
    settings,
    ...(grown.user.knownGram && {
      grams: { user: grown.user.gram(), item: grown.item.gram() },
    }),
  };
}

/** A copy of one side with room for new rows, which are zero. Its Gram matrix is kept up to date. */
interface GrownSide extends FixedSide {
  readonly ids: IdVocabulary;
  readonly knownGram: boolean;
}

function grow(before: ModelSide, ids: IdVocabulary): GrownSide {
  const { side, settings, globalMean } = before;
  const factors = new Float32Array(ids.size * settings.rank);
  factors.set(before.factors);
  const biases = before.biases && new Float32Array(ids.size);
  biases?.set(before.biases!);
  const knownGram = settings.unobservedWeight > 0;
  const gram = knownGram ? before.gram().slice() : new Float64Array(0);
  return {
    side,
    ids,
    rowCount: ids.size,
    factors,
    biases,
    globalMean,
    settings,
    knownGram,
    gram: () => gram,
  };
}

/** Solves the touched rows of one side and stores them. */
function solveTouched(
  solved: GrownSide,
  fixed: GrownSide,
  { positions, rows }: TouchedRows,
  kernel: ProcessorKernelOption,
): void {
  if (positions.length === 0) return;
  const { rank } = solved.settings;
  const { factors, biases } = solveNamed(
    () => solveRows(fixed, rows, kernel),
    (row) => solved.ids.at(positions[row]!),
  );
  for (const [row, position] of positions.entries()) {
    const stored = solved.factors.subarray(position * rank, (position + 1) * rank);
    if (solved.knownGram) addOuterProduct(solved.gram(), Float64Array.from(stored), -1);
    stored.set(factors.subarray(row * rank, (row + 1) * rank));
    if (solved.knownGram) addOuterProduct(solved.gram(), Float64Array.from(stored), 1);
    if (solved.biases) solved.biases[position] = biases[row]!;
  }
}

/** `solveRows`, whose error knows the caller's id. */
function solveNamed(solve: () => SolvedRows, idOf: (row: number) => Id): SolvedRows {
  try {
    return solve();
  } catch (cause) {
    if (!(cause instanceof SingularSystemError) || cause.row === undefined) throw cause;
    throw new SingularSystemError(cause.side, undefined, { id: idOf(cause.row), cause });
  }
}
