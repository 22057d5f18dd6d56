import { elementView } from '../kernels/element-view.js';
import type { JobLayout } from '../kernels/job-layout.js';
import { type RatingsOutline, rowsOf, type Side } from '../ratings/ratings.js';
import type { RowLengths } from '../ratings/sparse-rows.js';
import { biasCoordinate, pinnedCoordinate } from './biased-rows.js';
import { type FactorSpan, writableSpans } from './factor-spans.js';
import { fillWithGiven, fillWithRandom } from './initial-factors.js';
import { regularizerOf } from './regularizer.js';
import type { TrainingSettings } from './training-settings.js';

/** What a job's memory is filled by. */
type FillSettings = Pick<TrainingSettings, 'row' | 'loss' | 'start'>;

/** Writes what a job's memory holds at its start: the rows' λ and the starting factors. */
export function fillJob(layout: JobLayout, ratings: RatingsOutline, settings: FillSettings): void {
  for (const side of layout.phaseOrder) fillRows(layout, side, 0, ratings, settings);
}

/**
 * The same for one side's rows.
 *
 * @param firstRow which row of the ratings the layout's first one is
 */
export function fillRows(
  layout: JobLayout,
  side: Side,
  firstRow: number,
  ratings: RatingsOutline,
  settings: FillSettings,
): void {
  const { rowCount } = layout[side];
  const { offsets, columnCount } = rowsOf(ratings, side);
  const lengths = { columnCount, offsets: offsets.subarray(firstRow, firstRow + rowCount + 1) };
  fillRegularizers(layout, lengths, side, settings);
  const names = side === 'user' ? ratings.users : ratings.items;
  const positions = names.positions.subarray(firstRow, firstRow + rowCount);
  fillStartingFactors(layout, positions, side, settings);
}

function fillRegularizers(
  layout: JobLayout,
  { offsets, columnCount }: Pick<RowLengths, 'offsets' | 'columnCount'>,
  side: Side,
  settings: FillSettings,
): void {
  const { rowCount, regularizers } = layout[side];
  const out = elementView(layout, regularizers, rowCount);
  for (let row = 0; row < rowCount; row++) {
    out[row] = regularizerOf(settings.loss, offsets[row + 1]! - offsets[row]!, columnCount);
  }
}

/**
 * Writes generation 0 of the layout's rows of a side.
 *
 * @param positions of these rows
 * @param from the first dimension to write; those before stay. Not with given factors
 */
export function fillStartingFactors(
  layout: JobLayout,
  positions: Uint32Array,
  side: Side,
  settings: FillSettings,
  from = 0,
): void {
  for (const span of writableSpans({ layout }, side, 0)) {
    const own = positions.subarray(span.firstRow, span.firstRow + span.rowCount);
    fillSpan(span, layout.stride, own, side, settings, from);
  }
}

function fillSpan(
  { elements, rowCount }: FactorSpan,
  stride: number,
  positions: Uint32Array,
  side: Side,
  { row, start }: FillSettings,
  from: number,
): void {
  const { rank, biases } = row;
  const { initialFactors } = start;
  const rows = { elements, rank, stride };
  const given = initialFactors?.[`${side}Factors`];
  if (given) fillWithGiven(rows, positions, given);
  else fillWithRandom(rows, positions, side, start, from);
  if (!biases) return;

  const givenBiases = initialFactors?.[`${side}Biases`];
  for (let row = 0; row < rowCount; row++) {
    const bias = givenBiases?.[positions[row]!] ?? 0;
    elements[row * stride + biasCoordinate(side, rank)] = bias;
    elements[row * stride + pinnedCoordinate(side, rank)] = 1;
  }
}
