/**
 * Rows of items in an order of falling norm, so laid out that a search reads few of their bytes:
 *
 *     rows     f32, itemCount × width: the rows themselves
 *     leads    the first `lead` coordinates in another basis and the norm of the others, 8 bits each, in
 *              panels of 32 items: coordinates 0 and 1 of items 0 … 31, coordinates 2 and 3 of …
 *     tails    the other coordinates, 8 bits each, `tail` bytes an item
 *     panels   what bounds the products of each panel; see `Panel`
 *
 * The basis is orthonormal, so products are what they are of the rows. Its first vectors should hold
 * as much of the rows as possible. What fills the last panel up is zero.
 *
 * One 32-bit word a field in this order, as `item-index.ts` of the kernels writes it.
 */
@unmanaged
export class IndexedItems {
  width: usize;
  itemCount: usize;
  /** Coordinates in `leads`, and bytes of an item in `tails`: a multiple of 16, 0 if there are none. */
  lead: usize;
  tail: usize;
  /** f64, width × width: a vector a row. */
  basis: usize;
  rows: usize;
  /** f64, the norm of each row. */
  norms: usize;
  /** u32, the position of each item; and the other way round. */
  positions: usize;
  slots: usize;
  panels: usize;
  leads: usize;
  tails: usize;
}

/** Bounds of the items of a panel. Coordinate = scale × whole number + error. */
@unmanaged
export class Panel {
  /** Greatest and least norm. */
  norm: f64;
  minNorm: f64;
  /** Of the leading coordinates, and the greatest norm of their errors. */
  scale: f64;
  error: f64;
  /** The same of the others, and their greatest norm. */
  tailScale: f64;
  tailError: f64;
  tailNorm: f64;
}

/** Items of a panel: their marks are one word. */
export const panelItems: usize = 32;
export const panelBytes: usize = 64;

/** Pairs of coordinates in a panel; the last one may be filled up with zero. */
// @ts-ignore: decorator
@inline
export function leadPairs(items: IndexedItems): usize {
  return (items.lead + 2) >> 1;
}

// @ts-ignore: decorator
@inline
export function leadOf(items: IndexedItems, panel: usize): usize {
  return items.leads + panel * leadPairs(items) * (panelItems << 1);
}

// @ts-ignore: decorator
@inline
export function panelAt(items: IndexedItems, panel: usize): Panel {
  return changetype<Panel>(items.panels + panel * panelBytes);
}

/** Where a leading coordinate of an item lies from the start of its panel. */
// @ts-ignore: decorator
@inline
export function leadByte(coordinate: usize, item: usize): usize {
  return (coordinate >> 1) * (panelItems << 1) + (item << 1) + (coordinate & 1);
}

/**
 * Packs the panels `first` … `end − 1` of rows that lie there, into memory that is zero.
 *
 * @param scratch 32 × (width + 1) f64
 */
export function packPanels(items: IndexedItems, first: usize, end: usize, scratch: usize): void {
  for (let panel = first; panel < end; panel++) packPanel(items, panel, scratch);
}

function packPanel(items: IndexedItems, index: usize, scratch: usize): void {
  const panel = panelAt(items, index);
  const first = index * panelItems;
  const count = min(panelItems, items.itemCount - first);
  const rowBytes = items.width << 2;
  const turnedBytes = (items.width + 1) << 3;
  panel.minNorm = Infinity;
  let peak: f64 = 0;
  let tailPeak: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const norm = load<f64>(items.norms + ((first + i) << 3));
    panel.norm = max(panel.norm, norm);
    panel.minNorm = min(panel.minNorm, norm);
    const turned = scratch + i * turnedBytes;
    turn(items, items.rows + (first + i) * rowBytes, turned);
    for (let k: usize = 0; k < items.lead; k++) {
      peak = max(peak, abs(load<f64>(turned + (k << 3))));
    }
    let squares: f64 = 0;
    for (let k = items.lead; k < items.width; k++) {
      const element = load<f64>(turned + (k << 3));
      squares += element * element;
      tailPeak = max(tailPeak, abs(element));
    }
    const tailNorm = sqrt(squares);
    store<f64>(turned + (items.width << 3), tailNorm);
    panel.tailNorm = max(panel.tailNorm, tailNorm);
  }
  // Norms are rounded up, so there is one whole number left for them.
  panel.scale = max(peak, panel.tailNorm) / 126;
  panel.tailScale = tailPeak / 127;
  for (let i: usize = 0; i < count; i++) packItem(items, index, i, scratch + i * turnedBytes);
}

function packItem(items: IndexedItems, index: usize, item: usize, turned: usize): void {
  const panel = panelAt(items, index);
  const lead = leadOf(items, index);
  if (panel.scale > 0) {
    let squares: f64 = 0;
    for (let k: usize = 0; k < items.lead; k++) {
      const element = load<f64>(turned + (k << 3));
      const whole = nearest(element / panel.scale);
      const error = element - whole * panel.scale;
      squares += error * error;
      store<i8>(lead + leadByte(k, item), <i8>whole);
    }
    panel.error = max(panel.error, sqrt(squares));
    const tailNorm = load<f64>(turned + (items.width << 3));
    store<i8>(lead + leadByte(items.lead, item), <i8>Math.ceil(tailNorm / panel.scale));
  }
  if (!(panel.tailScale > 0)) return;
  const tail = items.tails + (index * panelItems + item) * items.tail;
  let squares: f64 = 0;
  for (let k = items.lead; k < items.width; k++) {
    const element = load<f64>(turned + (k << 3));
    const whole = nearest(element / panel.tailScale);
    const error = element - whole * panel.tailScale;
    squares += error * error;
    store<i8>(tail + k - items.lead, <i8>whole);
  }
  panel.tailError = max(panel.tailError, sqrt(squares));
}

/**
 * Writes the `width` coordinates of a row in the basis, f64: products with its vectors. Where all
 * coordinates are leading ones the basis does not matter, and they are the elements.
 */
export function turn(items: IndexedItems, row: usize, out: usize): void {
  const width = items.width;
  if (items.lead == width) {
    for (let k: usize = 0; k < width; k++) {
      store<f64>(out + (k << 3), <f64>load<f32>(row + (k << 2)));
    }
    return;
  }
  let vector = items.basis;
  for (let k: usize = 0; k < width; k++) {
    let even = f64x2.splat(0);
    let odd = even;
    let at: usize = 0;
    for (const end = width & ~3; at < end; at += 4) {
      const four = v128.load(row + (at << 2));
      const high = v128.shuffle<i32>(four, four, 2, 3, 2, 3);
      even = f64x2.add(
        even,
        f64x2.mul(f64x2.promote_low_f32x4(four), v128.load(vector + (at << 3))),
      );
      odd = f64x2.add(
        odd,
        f64x2.mul(f64x2.promote_low_f32x4(high), v128.load(vector + (at << 3), 16)),
      );
    }
    even = f64x2.add(even, odd);
    let sum = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
    for (; at < width; at++) {
      sum += <f64>load<f32>(row + (at << 2)) * load<f64>(vector + (at << 3));
    }
    store<f64>(out + (k << 3), sum);
    vector += width << 3;
  }
}
