import { Arena } from '../arena.js';
import type { DescribedRatings, DescribedSplit } from '../ratings/described-ratings.js';
import type { HoldoutOptions } from '../ratings/split/holdout-options.js';
import { markerOf } from '../ratings/split/marker-of.js';
import { isSampled } from '../ratings/split/sampled-users.js';
import { takeMarked } from '../ratings/split/take-entries.js';
import { KeptRows } from './kept-rows.js';
import { RowsSummary } from './rows-summary.js';
import { EntryMarks } from './sorted-entries/entry-marks.js';

/**
 * Withholds of ratings that are only described what `holdOut` does of ratings that are here. What is
 * withheld, and what its users rated beside, is kept for those to measure on alone.
 *
 * Throws what the function of `holdOut` throws, `SourceError` for a disk that is full, and the signal's
 * reason.
 *
 * @param options that have been checked
 */
export async function splitDescribed(
  ratings: DescribedRatings,
  options: HoldoutOptions,
  signal?: AbortSignal,
): Promise<DescribedSplit> {
  const { source, entries } = ratings.described;
  const { byUser, users, items } = ratings;
  const { seed = 42 } = options as { readonly seed?: number };
  const arena = new Arena();
  const marks = new EntryMarks(entries);
  const marker = markerOf(options, ratings);
  const summary = new RowsSummary(arena, byUser.rowCount, byUser.columnCount, source.contents.rows);
  const kept = [0, 1, 2].map(() => new KeptRows(byUser));
  await entries.each(async (timed, first) => {
    const { rows } = timed;
    const positions = users.positions.subarray(first, first + rows.rowCount);
    const marked = marker.mark({
      ...{ byUser: rows, timestamps: timed.timestamps },
      ...{ users: { positions }, items },
    });
    const parts = [0, 1, 2].map((mark) => takeMarked(timed, marked, (own) => own === mark));
    summary.add(first, parts[0]!.rows);
    const { offsets } = parts[1]!.rows;
    const isKept = (row: number) =>
      offsets[row]! < offsets[row + 1]! && isSampled(positions[row]!, marker.users, seed);
    for (const [mark, part] of parts.entries()) kept[mark]!.add(first, part, isKept);
    await marks.append(marked);
  }, signal);
  marker.check();
  const { duplicates, provenance } = ratings;
  const outline = { arena, users, items, duplicates, provenance };
  const [seen, test, foldIn] = kept.map((rows) => rows.ratings(outline));
  const train = await summary.describe(outline, {
    ...{ source, entries: marks.take((mark) => mark === 0), isPart: true },
  });
  const split = { train, test: test!, seen: seen! };
  return options.users === undefined ? split : { ...split, foldIn: foldIn! };
}
