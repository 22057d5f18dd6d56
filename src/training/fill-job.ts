import { elementView } from '../kernels/element-view.js';
import type { JobLayout } from '../kernels/kernel.js';
import { type RatingsOutline, rowsOf, type Side } from '../ratings/ratings.js';
import type { RowLengths } from '../ratings/sparse-rows.js';
import { biasCoordinate, pinnedCoordinate } from './biased-rows.js';
import { fillWithGiven, fillWithRandom } from './initial-factors.js';
import type { ResolvedJobOptions } from './options.js';
import { regularizerOf } from './regularizer.js';

/** Writes what a job's memory holds at its start: the rows' λ and the starting factors. */
export function fillJob(
  layout: JobLayout,
  ratings: RatingsOutline,
  options: ResolvedJobOptions,
): void {
  for (const side of layout.phaseOrder) {
    fillRegularizers(layout, rowsOf(ratings, side), side, options);
    fillStartingFactors(layout, ratings, side, options);
  }
}

function fillRegularizers(
  layout: JobLayout,
  { offsets, columnCount }: RowLengths,
  side: Side,
  options: ResolvedJobOptions,
): void {
  const { rowCount, regularizers } = layout[side];
  const out = elementView(layout, regularizers, rowCount);
  for (let row = 0; row < rowCount; row++) {
    out[row] = regularizerOf(options, offsets[row + 1]! - offsets[row]!, columnCount);
  }
}

function fillStartingFactors(
  layout: JobLayout,
  ratings: RatingsOutline,
  side: Side,
  options: ResolvedJobOptions,
): void {
  const { initialFactors, rank, biases } = options;
  const { stride } = layout;
  const { rowCount, factors } = layout[side];
  const elements = elementView(layout, factors[0], rowCount * stride);
  const rows = { elements, rank, stride };
  const names = side === 'user' ? ratings.users : ratings.items;
  const given = initialFactors?.[`${side}Factors`];
  if (given) fillWithGiven(rows, names, given);
  else fillWithRandom(rows, names, side, options);
  if (!biases) return;

  const givenBiases = initialFactors?.[`${side}Biases`];
  for (let row = 0; row < rowCount; row++) {
    const bias = givenBiases?.[names.positions[row]!] ?? 0;
    elements[row * stride + biasCoordinate(side, rank)] = bias;
    elements[row * stride + pinnedCoordinate(side, rank)] = 1;
  }
}
