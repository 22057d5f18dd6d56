import { setImmediate as nextTurn } from 'node:timers/promises';
import { Arena } from '../../arena.js';
import {
  type IndexLayout,
  type IndexViews,
  layOutIndex,
  type PackedRegion,
  packedBytesOf,
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
  const { arena, layout } = emptyIndex(source, lead);
  const views = viewIndex(layout);
  views.positions.set(byFallingNorm(source.norms));
  yield;
  const greatestNorm = yield* placeRows(views, source);
  if (greatestNorm === Number.POSITIVE_INFINITY) return { arena, layout, greatestNorm };
  if (lead < source.width) views.basis.set(basisOf(views.rows, source.width));
  const step = stepRows / panelItems;
  for (let panel = 0; panel < layout.panelCount; panel += step) {
    packPanels(layout, arena, panel, Math.min(layout.panelCount, panel + step));
    yield;
  }
  return { arena, layout, greatestNorm };
}

/**
 * An index whose packed regions are there already: `fill` writes them. Undefined if their positions
 * are not those of all items, each once. Rejects with `MemoryLimitError`, and with what `fill` throws.
 *
 * @param lead 1 … width, as the regions were packed
 */
export async function unpackIndex(
  source: IndexedRows,
  lead: number,
  fill: (regions: ReadonlyMap<PackedRegion, Uint8Array>) => Promise<void>,
): Promise<BuiltIndex | undefined> {
  const { arena, layout } = emptyIndex(source, lead);
  await fill(packedBytesOf(layout));
  const views = viewIndex(layout);
  if (!areAllOnce(views.positions)) return undefined;
  const steps = placeRows(views, source);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return { arena, layout, greatestNorm: value };
    await nextTurn();
  }
}

function emptyIndex({ width, norms }: IndexedRows, lead: number) {
  const arena = new Arena();
  const shape = { itemCount: norms.length, width, lead };
  return { arena, layout: layOutIndex(arena, fastestBuild(), shape) };
}

/**
 * Writes all that follows from the positions of the slots. Gives the greatest norm: infinite for rows
 * that are not finite, which have no bounds, so that every search scores them all.
 */
function* placeRows(views: IndexViews, source: IndexedRows): Generator<void, number> {
  let greatestNorm = 0;
  const { length } = source.norms;
  for (let first = 0; first < length; first += stepRows) {
    const greatest = placeSome(views, source, first, Math.min(length, first + stepRows));
    greatestNorm = Math.max(greatestNorm, greatest);
    yield;
  }
  return greatestNorm;
}

/** A function of its own and elements one by one, because both take half the time. */
function placeSome(
  { positions, slots, norms: ordered, rows: placed }: IndexViews,
  { rows, width, norms }: IndexedRows,
  first: number,
  end: number,
): number {
  let greatestNorm = 0;
  for (let slot = first; slot < end; slot++) {
    const position = positions[slot]!;
    const norm = norms[position]!;
    slots[position] = slot;
    ordered[slot] = norm;
    const [from, to] = [position * width, slot * width];
    for (let k = 0; k < width; k++) placed[to + k] = rows[from + k]!;
    greatestNorm = Number.isFinite(norm) ? Math.max(greatestNorm, norm) : Number.POSITIVE_INFINITY;
  }
  return greatestNorm;
}

function areAllOnce(positions: Uint32Array): boolean {
  const isThere = new Uint8Array(positions.length);
  for (let slot = 0; slot < positions.length; slot++) {
    const position = positions[slot]!;
    // Positions beyond the end are undefined here.
    if (isThere[position] !== 0) return false;
    isThere[position] = 1;
  }
  return true;
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
