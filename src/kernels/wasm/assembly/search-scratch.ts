import { guardBytes } from './guards';
import { IndexedItems, leadPairs, panelItems } from './index-panels';

/*
 * Scratch memory: state | products of a panel | keys | pairs | tail | turned row. A guard follows each
 * of the last four.
 */

/** One search as `item-index.ts` of the kernels writes it, one 32-bit word a field in this order. */
@unmanaged
export class Search {
  /** The row to multiply with, `width` f32. */
  row: usize;
  /** 1: scores are cosines, and rows without a direction are left out. */
  isCosine: u32;
  /** 1: every score is computed, for rows that bounds do not hold for. */
  isExact: u32;
  /** Length of the list, ≥ 1. */
  count: usize;
  /** A bit an item in the order of the index: 1 if it must not be in the list. Whole panels. */
  excluded: usize;
  /** The list comes out here: `count` positions and scores. */
  positions: usize;
  scores: usize;
  /** Private memory of `searchScratch` bytes, whatever is in it. */
  scratch: usize;
  /** Out: the length of the list; panels read, items whose bound was refined, items scored. */
  length: u32;
  panelsRead: u32;
  refined: u32;
  scored: u32;
}

/** What is known of the row of a search. The caller writes the norm; the search writes the rest. */
@unmanaged
export class SearchState {
  norm: f64;
  /** Norm of the leading coordinates, the scale of their whole numbers and the norm of their errors. */
  leadNorm: f64;
  scale: f64;
  error: f64;
  /** The same of the others. */
  tailNorm: f64;
  tailScale: f64;
  tailError: f64;
  /** The lowest score of the list once it is full, −Infinity before. */
  lowest: f64;
  isDone: u32;
}

const stateBytes: usize = 128;

const productBytes: usize = panelItems << 2;

// @ts-ignore: decorator
@inline
export function stateOf(search: Search): SearchState {
  return changetype<SearchState>(search.scratch);
}

// @ts-ignore: decorator
@inline
export function productsOf(search: Search): usize {
  return search.scratch + stateBytes;
}

// @ts-ignore: decorator
@inline
export function keysOf(search: Search): usize {
  return productsOf(search) + productBytes;
}

// @ts-ignore: decorator
@inline
export function pairsOf(search: Search): usize {
  return keysOf(search) + (search.count << 3) + guardBytes;
}

// @ts-ignore: decorator
@inline
export function tailOf(items: IndexedItems, search: Search): usize {
  return pairsOf(search) + (leadPairs(items) << 2) + guardBytes;
}

// @ts-ignore: decorator
@inline
export function turnedOf(items: IndexedItems, search: Search): usize {
  return tailOf(items, search) + (items.tail << 1) + guardBytes;
}

/** Bytes of scratch memory of a search; may be more than fits 32 bits. */
export function searchScratch(items: IndexedItems, count: usize): f64 {
  const lists = (<u64>count << 3) + (leadPairs(items) << 2) + (items.tail << 1);
  return <f64>(stateBytes + productBytes + lists + (items.width << 3) + 4 * guardBytes);
}
