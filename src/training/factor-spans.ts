import { elementView } from '../kernels/element-view.js';
import { layoutsOfSide } from '../kernels/parts/parted-layout.js';
import type { Side } from '../ratings/ratings.js';
import type { Job } from './job.js';

/** Rows of a factor matrix that lie together, in the numbering inside. */
export interface FactorSpan {
  /** Row-major, rows × stride, padding included. */
  readonly elements: Float32Array | Float64Array;
  /** λ·n^ν of every row. */
  readonly regularizers: Float32Array | Float64Array;
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * One side's factors of a generation as they lie in shared memory: one span, or one a part, in the order
 * of rows. Views: later generations overwrite them.
 */
export function factorSpans(
  { layout }: Pick<Job, 'layout'>,
  side: Side,
  generation: number,
): FactorSpan[] {
  let firstRow = 0;
  return layoutsOfSide(layout, side).map((part) => {
    const { rowCount, factors, regularizers } = part[side];
    const offset = factors[(generation & 1) as 0 | 1];
    const span = {
      elements: elementView(part, offset, rowCount * part.stride),
      regularizers: elementView(part, regularizers, rowCount),
      firstRow,
      rowCount,
    };
    firstRow += rowCount;
    return span;
  });
}

/** The spans' elements one after the other, as a copy that stays as it is. */
export function joinSpans(spans: readonly FactorSpan[]): Float32Array | Float64Array {
  const [first] = spans;
  if (spans.length === 1) return first!.elements.slice();
  const count = spans.reduce((sum, { elements }) => sum + elements.length, 0);
  const out =
    first!.elements instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  let at = 0;
  for (const { elements } of spans) {
    out.set(elements, at);
    at += elements.length;
  }
  return out;
}

/** Writes elements to spans, as `joinSpans` reads them. */
export function fillSpans(
  spans: readonly FactorSpan[],
  elements: Float32Array | Float64Array,
): void {
  let at = 0;
  for (const span of spans) {
    span.elements.set(elements.subarray(at, at + span.elements.length));
    at += span.elements.length;
  }
}
