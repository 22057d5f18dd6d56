import { Arena } from '../../arena.js';
import {
  type IndexLayout,
  layOutIndex,
  packPanels,
  panelItems,
  viewIndex,
} from '../../kernels/wasm/item-index.js';
import { fastestBuild } from '../../kernels/wasm/wasm-binary.js';
import { symmetricEigen } from '../../training/symmetric-eigen.js';

/** Rows to search among. */
export interface IndexedRows {
  /** Row-major, rows × width. */
  readonly rows: Float32Array;
  readonly width: number;
  /** `rowNorms` of the rows. */
  readonly norms: Float64Array;
}

/** An index in memory of its own. */
export interface BuiltIndex {
  readonly arena: Arena;
  readonly layout: IndexLayout;
  /** Of any row. */
  readonly greatestNorm: number;
}

/** Rows that the basis is learnt from, at most. */
const sampledRows = 16_384;
/** Rows that are copied, or packed, between two turns of the event loop. */
const stepRows = 16_384;

/**
 * Builds an index in steps of some milliseconds; only sorting 1,000,000 rows takes 0.2 s at once. Throws
 * `MemoryLimitError`.
 *
 * @param lead leading coordinates, 1 … width; with `width` there is no other basis
 */
export function* buildIndex(source: IndexedRows, lead: number): Generator<void, BuiltIndex> {
  const { rows, width, norms } = source;
  const itemCount = norms.length;
  const arena = new Arena();
  const layout = layOutIndex(arena, fastestBuild(), { itemCount, width, lead });
  const views = viewIndex(layout);
  views.positions.set(byFallingNorm(norms));
  yield;
  let greatestNorm = 0;
  let areNumbers = true;
  for (let slot = 0; slot < itemCount; slot++) {
    const position = views.positions[slot]!;
    const from = position * width;
    views.slots[position] = slot;
    views.norms[slot] = norms[position]!;
    views.rows.set(rows.subarray(from, from + width), slot * width);
    greatestNorm = Math.max(greatestNorm, norms[position]!);
    areNumbers &&= Number.isFinite(norms[position]);
    if (slot % stepRows === 0) yield;
  }
  // Rows that are not finite have no bounds; every search scores them all.
  if (!areNumbers) return { arena, layout, greatestNorm: Number.POSITIVE_INFINITY };
  if (lead < width) views.basis.set(basisOf(views.rows, width));
  const step = stepRows / panelItems;
  for (let panel = 0; panel < layout.panelCount; panel += step) {
    packPanels(layout, arena, panel, Math.min(layout.panelCount, panel + step));
    yield;
  }
  return { arena, layout, greatestNorm };
}

/** Positions by falling norm, as far as float32 tells norms apart, then ascending. */
function byFallingNorm(norms: Float64Array): Uint32Array {
  // Sorted as whole numbers of 64 bits, which takes no comparing function.
  const keys = new BigUint64Array(norms.length);
  const words = new Uint32Array(keys.buffer);
  const bits = new Uint32Array(Float32Array.from(norms).buffer);
  for (let position = 0; position < norms.length; position++) {
    words[2 * position] = position;
    words[2 * position + 1] = ~bits[position]!;
  }
  keys.sort();
  return Uint32Array.from({ length: norms.length }, (_, slot) => words[2 * slot]!);
}

/** The eigenvectors of the Gram matrix of some of the rows: the first ones hold most of them. */
function basisOf(rows: Float32Array, width: number): Float64Array {
  const rowCount = rows.length / width;
  const step = Math.max(1, Math.floor(rowCount / sampledRows));
  const gram = new Float64Array(width * width);
  // Scaled, so that squares of tiny or huge elements stay numbers.
  const largest = rows
    .subarray(0, width * panelItems)
    .reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const row = new Float64Array(width);
  for (let at = 0; at < rowCount; at += step) {
    for (let k = 0; k < width; k++) row[k] = largest === 0 ? 0 : rows[at * width + k]! / largest;
    for (let i = 0; i < width; i++) {
      const left = row[i]!;
      for (let j = 0; j <= i; j++) gram[i * width + j]! += left * row[j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) gram[j * width + i] = gram[i * width + j]!;
  }
  return symmetricEigen(gram, width).vectors;
}
