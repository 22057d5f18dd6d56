import { elementView } from '../kernels/element-view.js';
import type { JobLayout } from '../kernels/job-layout.js';
import { isParted, layoutsOfSide, type PartedLayout } from '../kernels/parts/parted-layout.js';
import type { Side } from '../ratings/ratings.js';
import type { RowFile } from '../row-file.js';

/** A job as far as its rows are found by it. */
interface WithRows {
  readonly layout: JobLayout | PartedLayout;
}

/** Rows of a factor matrix that lie together, in the numbering inside. */
export interface FactorSpan {
  /** Row-major, rows × stride, padding included. */
  readonly elements: Float32Array | Float64Array;
  /** λ·n^ν of every row. */
  readonly regularizers: Float32Array | Float64Array;
  readonly firstRow: number;
  readonly rowCount: number;
}

/** About how many bytes of a file are read at once. */
const fileSpanBytes = 4 * 2 ** 20;
/** Sums add a file's rows in the order in which they add those in memory, some at a time. */
const rowMultiple = 256;

/**
 * One side's factors of a generation, in the order of rows: views of shared memory, one, or one a part,
 * which later generations overwrite; from a file copies, each of them until the next one is taken.
 */
export function factorSpans(
  { layout }: WithRows,
  side: Side,
  generation: number,
): Iterable<FactorSpan> {
  const inFile = layoutInFile(layout);
  if (inFile === undefined) return spansInMemory(layoutsOfSide(layout, side), side, generation);
  return { [Symbol.iterator]: () => spansOfFile(inFile, side, generation) };
}

/** The same to be written to: what an element is set to stays, from a file once the next one is taken. */
export function writableSpans(
  { layout }: WithRows,
  side: Side,
  generation: number,
): Iterable<FactorSpan> {
  const inFile = layoutInFile(layout);
  if (inFile === undefined) return spansInMemory(layoutsOfSide(layout, side), side, generation);
  return writtenBack(inFile, side, generation);
}

/** A job whose rows lie in a file. */
export type LayoutInFile = JobLayout & { readonly rowFile: RowFile };

/** The layout of a job whose rows lie in a file; undefined of another one. */
export function layoutInFile(layout: JobLayout | PartedLayout): LayoutInFile | undefined {
  if (isParted(layout) || layout.rowFile === undefined) return undefined;
  return { ...layout, rowFile: layout.rowFile };
}

function spansInMemory(
  layouts: readonly JobLayout[],
  side: Side,
  generation: number,
): FactorSpan[] {
  let firstRow = 0;
  return layouts.map((part) => {
    const { rowCount, regularizers } = part[side];
    const span = {
      elements: elementView(part, offsetOf(part, side, generation), rowCount * part.stride),
      regularizers: elementView(part, regularizers, rowCount),
      firstRow,
      rowCount,
    };
    firstRow += rowCount;
    return span;
  });
}

function* spansOfFile(
  layout: LayoutInFile,
  side: Side,
  generation: number,
): Generator<FactorSpan, void> {
  const { stride, elementBytes } = layout;
  const { rowCount, regularizers } = layout[side];
  const rowBytes = stride * elementBytes;
  const most = Math.max(1, Math.floor(fileSpanBytes / rowBytes / rowMultiple)) * rowMultiple;
  const buffer = newElements(layout, Math.min(most, rowCount) * stride);
  for (let firstRow = 0; firstRow < rowCount; firstRow += most) {
    const count = Math.min(most, rowCount - firstRow);
    const elements = buffer.subarray(0, count * stride);
    const offset = offsetOf(layout, side, generation) + firstRow * rowBytes;
    layout.rowFile.read(offset, bytesOf(elements));
    yield {
      elements,
      regularizers: elementView(layout, regularizers + firstRow * elementBytes, count),
      firstRow,
      rowCount: count,
    };
  }
}

function* writtenBack(
  layout: LayoutInFile,
  side: Side,
  generation: number,
): Generator<FactorSpan, void> {
  const rowBytes = layout.stride * layout.elementBytes;
  for (const span of spansOfFile(layout, side, generation)) {
    yield span;
    const offset = offsetOf(layout, side, generation) + span.firstRow * rowBytes;
    layout.rowFile.write(offset, bytesOf(span.elements));
  }
}

/** The spans' elements one after the other, as a copy that stays as it is. */
export function joinSpans(spans: Iterable<FactorSpan>): Float32Array | Float64Array {
  let count = 0;
  let elementBytes: 4 | 8 = 4;
  for (const { elements } of spans) {
    count += elements.length;
    elementBytes = elements instanceof Float64Array ? 8 : 4;
  }
  const out = newElements({ elementBytes }, count);
  let at = 0;
  for (const { elements } of spans) {
    out.set(elements, at);
    at += elements.length;
  }
  return out;
}

/** Where a generation of a side begins, in memory or in the file. */
export function offsetOf(layout: JobLayout, side: Side, generation: number): number {
  return layout[side].factors[(generation & 1) as 0 | 1];
}

/** Room for elements of a job outside its memory. */
export function newElements(
  { elementBytes }: Pick<JobLayout, 'elementBytes'>,
  length: number,
): Float32Array | Float64Array {
  return elementBytes === 8 ? new Float64Array(length) : new Float32Array(length);
}

/** The bytes of elements. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
