import { checkWords, guardBytes, guardWords } from './guards';
import { IndexedItems, Panel, leadByte, leadOf, leadPairs, panelAt, panelItems, turn } from './index-panels';
import { hitsOf, tailProduct } from './index-products';
import { keyOf, scoreOf, siftDown, sortDown } from './list-keys';
import { Search, SearchState, keysOf, pairsOf, productsOf, stateOf, tailOf, turnedOf } from './search-scratch';

/** Whole numbers of a row are at most so many, so their products with bytes stay inside 32 bits. */
const peak: f64 = 32000;

/**
 * Finds the best items of some rows, as if all scores were computed and sorted. Every panel is read
 * once for all of them:
 *
 *     1. a panel whose norms are too small ends the search, for those after it are no greater
 *     2. leading coordinates and the norm of the others bound the products, 32 at a time
 *     3. the other coordinates refine the bounds of what is left
 *     4. what may belong to the list is scored as defined
 *
 * @param searches addresses of `Search`, u32
 */
export function searchItems(items: IndexedItems, searches: usize, searchCount: usize): void {
  const end = searches + (searchCount << 2);
  for (let at = searches; at < end; at += 4) begin(items, searchAt(at));
  const panels = (items.itemCount + panelItems - 1) / panelItems;
  let running = searchCount;
  for (let panel: usize = 0; panel < panels && running > 0; panel++) {
    for (let at = searches; at < end; at += 4) {
      const search = searchAt(at);
      if (stateOf(search).isDone) continue;
      if (isBehind(items, panel, search)) {
        stateOf(search).isDone = 1;
        running--;
      } else {
        searchPanel(items, panel, search);
      }
    }
  }
  for (let at = searches; at < end; at += 4) finish(items, searchAt(at));
}

// @ts-ignore: decorator
@inline
function searchAt(at: usize): Search {
  return changetype<Search>(<usize>load<u32>(at));
}

/** Writes the row as whole numbers, and how far they are from it. */
function begin(items: IndexedItems, search: Search): void {
  const state = stateOf(search);
  search.length = 0;
  search.panelsRead = 0;
  search.refined = 0;
  search.scored = 0;
  state.lowest = -Infinity;
  state.isDone = 0;
  guard(items, search);
  if (search.isExact) return;
  const turned = turnedOf(items, search);
  turn(items, search.row, turned);
  state.leadNorm = normOf(turned, items.lead);
  state.tailNorm = normOf(turned + (items.lead << 3), items.width - items.lead);
  state.scale = max(state.leadNorm, state.tailNorm) / peak;
  state.tailScale = state.tailNorm / peak;
  const pairs = pairsOf(search);
  const tail = tailOf(items, search);
  memory.fill(pairs, 0, leadPairs(items) << 2);
  memory.fill(tail, 0, items.tail << 1);
  state.error = quantize(turned, items.lead, state.scale, pairs);
  store<i16>(pairs + (items.lead << 1), <i16>Math.ceil(state.tailNorm / state.scale));
  state.tailError = quantize(
    turned + (items.lead << 3),
    items.width - items.lead,
    state.tailScale,
    tail,
  );
}

function normOf(elements: usize, count: usize): f64 {
  let squares: f64 = 0;
  for (let at = elements, end = elements + (count << 3); at < end; at += 8) {
    squares += load<f64>(at) * load<f64>(at);
  }
  return sqrt(squares);
}

/** Returns the norm of elements − scale × whole numbers. */
function quantize(elements: usize, count: usize, scale: f64, out: usize): f64 {
  let squares: f64 = 0;
  for (let k: usize = 0; k < count; k++) {
    const element = load<f64>(elements + (k << 3));
    const whole = scale > 0 ? nearest(element / scale) : 0;
    const error = element - whole * scale;
    squares += error * error;
    store<i16>(out + (k << 1), <i16>whole);
  }
  return sqrt(squares);
}

/** What rounding can add to a score or a cosine, whatever the items of the panel. */
// @ts-ignore: decorator
@inline
function roundingOf(panel: Panel, state: SearchState): f64 {
  return state.norm * panel.norm * 2.0 ** -21 + 2.0 ** -149;
}

/** The least product that may belong to the list. */
// @ts-ignore: decorator
@inline
function minProduct(panel: Panel, search: Search): f64 {
  const state = stateOf(search);
  if (!search.isCosine) return state.lowest - roundingOf(panel, state);
  const norm = state.lowest > 0 ? panel.minNorm : panel.norm;
  // No list is full: −Infinity × 0 is not a number.
  if (state.lowest == -Infinity) return state.lowest;
  return state.lowest * state.norm * norm - roundingOf(panel, state);
}

/** Whether neither this panel nor one after it holds an item of the list. */
// @ts-ignore: decorator
@inline
function isBehind(items: IndexedItems, index: usize, search: Search): bool {
  if (search.isExact) return false;
  const panel = panelAt(items, index);
  if (search.isCosine) return panel.norm == 0;
  return stateOf(search).norm * panel.norm < minProduct(panel, search);
}

/** How far the product of leading coordinates may be from that of their whole numbers. */
// @ts-ignore: decorator
@inline
function leadError(panel: Panel, state: SearchState): f64 {
  return state.error * panel.norm + (state.leadNorm + state.error) * panel.error;
}

function searchPanel(items: IndexedItems, index: usize, search: Search): void {
  const left = ~load<u32>(search.excluded + (index << 2));
  if (left == 0) return;
  const state = stateOf(search);
  const panel = panelAt(items, index);
  search.panelsRead++;
  let hits = left;
  if (!search.isExact) {
    const scale = state.scale * panel.scale;
    const bar = barOf(minProduct(panel, search) - leadError(panel, state), scale);
    const pairs = pairsOf(search);
    hits &= hitsOf(leadOf(items, index), pairs, leadPairs(items), bar, productsOf(search));
  }
  for (; hits != 0; hits &= hits - 1) {
    const item = <usize>ctz(hits);
    if (!search.isExact && items.tail != 0 && !mayBelong(items, index, item, search)) continue;
    score(items, index * panelItems + item, search);
  }
}

/** Whole numbers above it may be products of at least `least`. */
// @ts-ignore: decorator
@inline
function barOf(least: f64, scale: f64): i32 {
  const bar = least / scale;
  // Without a scale all products are 0.
  if (!(scale > 0)) return least > 0 ? i32.MAX_VALUE : i32.MIN_VALUE;
  if (bar >= 2147483647) return i32.MAX_VALUE;
  return bar <= -2147483646 ? i32.MIN_VALUE : <i32>Math.floor(bar) - 1;
}

/** Whether an item may belong to the list by all its coordinates. */
function mayBelong(items: IndexedItems, index: usize, item: usize, search: Search): bool {
  const state = stateOf(search);
  const panel = panelAt(items, index);
  search.refined++;
  // The product of the norms bounded that of the other coordinates.
  const norms =
    <i32>load<i16>(pairsOf(search) + (items.lead << 1)) *
    <i32>load<i8>(leadOf(items, index) + leadByte(items.lead, item));
  const lead = load<i32>(productsOf(search) + (item << 2)) - norms;
  const at = items.tails + (index * panelItems + item) * items.tail;
  const tail = tailProduct(at, tailOf(items, search), items.tail);
  const bound =
    state.scale * panel.scale * <f64>lead +
    state.tailScale * panel.tailScale * <f64>tail +
    leadError(panel, state) +
    state.tailError * panel.tailNorm +
    (state.tailNorm + state.tailError) * panel.tailError;
  return bound >= minProduct(panel, search);
}

/** Scores an item as defined and keeps it if it belongs to the best so far. */
function score(items: IndexedItems, slot: usize, search: Search): void {
  search.scored++;
  const value = scoreAt(items, slot, search);
  // Neither what is not a number nor −Infinity is ever selected.
  if (!(value > -Infinity)) return;
  const keys = keysOf(search);
  const key = keyOf(value, load<u32>(items.positions + (slot << 2)));
  const length = <usize>search.length;
  if (length < search.count) {
    store<i64>(keys + (length << 3), key);
    search.length++;
    if (length + 1 < search.count) return;
    for (let root = search.count >> 1; root > 0; root--) siftDown(keys, root - 1, search.count);
  } else {
    if (key <= load<i64>(keys)) return;
    store<i64>(keys, key);
    siftDown(keys, 0, search.count);
  }
  stateOf(search).lowest = <f64>scoreOf(load<i64>(keys));
}

/**
 * x·y as `score-items.ts` of the models defines it: summed in float64 in order, then rounded. Or the
 * cosine as `similar-rows.ts` does: that by the norms, inside −1 … 1, rounded again.
 */
function scoreAt(items: IndexedItems, slot: usize, search: Search): f32 {
  const rowBytes = items.width << 2;
  const item = items.rows + slot * rowBytes;
  const row = search.row;
  let sum: f64 = 0;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    sum += <f64>load<f32>(row + at) * <f64>load<f32>(item + at);
  }
  const product = <f32>sum;
  if (!search.isCosine) return product;
  const norm = load<f64>(items.norms + (slot << 3));
  if (norm == 0) return -Infinity;
  return <f32>max(-1.0, min(1.0, <f64>product / (stateOf(search).norm * norm)));
}

/** Writes the list, best first. */
function finish(items: IndexedItems, search: Search): void {
  const keys = keysOf(search);
  sortDown(keys, search.length);
  for (let i: usize = 0; i < <usize>search.length; i++) {
    const key = load<i64>(keys + (i << 3));
    const position = ~(<u32>key);
    let value = scoreOf(key);
    // The key of −0 is that of 0.
    if (value == 0) {
      value = scoreAt(items, load<u32>(items.slots + (<usize>position << 2)), search);
    }
    store<u32>(search.positions + (i << 2), position);
    store<f32>(search.scores + (i << 2), value);
  }
  check(items, search);
}

function guard(items: IndexedItems, search: Search): void {
  if (ASC_NO_ASSERT) return;
  assert(search.count > 0 && (items.tail & 15) == 0, 'no list, or tails of parts of vectors');
  guardWords(pairsOf(search) - guardBytes, pairsOf(search));
  guardWords(tailOf(items, search) - guardBytes, tailOf(items, search));
  guardWords(turnedOf(items, search) - guardBytes, turnedOf(items, search));
  const end = turnedOf(items, search) + (items.width << 3);
  guardWords(end, end + guardBytes);
}

/** In debug builds, fails if a store has left its part of the scratch memory. */
function check(items: IndexedItems, search: Search): void {
  if (ASC_NO_ASSERT) return;
  checkWords(pairsOf(search) - guardBytes, pairsOf(search));
  checkWords(tailOf(items, search) - guardBytes, tailOf(items, search));
  checkWords(turnedOf(items, search) - guardBytes, turnedOf(items, search));
  const end = turnedOf(items, search) + (items.width << 3);
  checkWords(end, end + guardBytes);
}
