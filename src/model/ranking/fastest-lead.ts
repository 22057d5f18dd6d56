import { rowNorms } from '../similar-rows.js';
import type { IndexedRows } from './build-index.js';
import { ItemIndex } from './item-index.js';

/** Items that are tried, and rows that search among them. */
const sampledItems = 8192;
const sampledRows = 24;
const count = 20;
/** Leading coordinates other than all. */
const fewCoordinates = 16;

/**
 * How many leading coordinates make searches fastest: all of a row (a plain scan of what norms leave),
 * or so few that the bounds of the others rule most items out. Timed with a sample of the items; lists
 * are the same either way.
 *
 * @param searchRows rows to search with, row-major and as wide as those of the items
 * @param now a clock in milliseconds
 */
export function fastestLead(
  { rows, width, norms }: IndexedRows,
  searchRows: Float32Array,
  now: () => number = () => performance.now(),
): number {
  const few = fewCoordinates + ((width - fewCoordinates) % 16);
  if (few >= width || norms.length < sampledItems || searchRows.length === 0) return width;
  const items = sampleOf(rows, width, sampledItems);
  const sample = { rows: items, width, norms: rowNorms(items, width) };
  const asked = sampleOf(searchRows, width, sampledRows);
  const [all, bounded] = [width, few].map((lead) => {
    const index = ItemIndex.build(sample, lead);
    const search = () => {
      const start = now();
      for (let at = 0; at < asked.length; at += width) {
        index.search({ row: asked.subarray(at, at + width), count, score: 'product' });
      }
      return now() - start;
    };
    // The first pass compiles and warms caches; of the others the quickest had no disturbance.
    search();
    return Math.min(search(), search(), search());
  }) as [number, number];
  return bounded < all ? few : width;
}

/** Rows at equal distances. */
function sampleOf(rows: Float32Array, width: number, most: number): Float32Array {
  const rowCount = rows.length / width;
  const length = Math.min(most, rowCount);
  const sample = new Float32Array(length * width);
  for (let at = 0; at < length; at++) {
    const from = Math.floor((at * rowCount) / length) * width;
    sample.set(rows.subarray(from, from + width), at * width);
  }
  return sample;
}
