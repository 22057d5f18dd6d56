import { type Arena, alignedBytes, type SharedMemory } from '../../arena.js';
import { instantiate, reportTraps, type WasmBuild } from './wasm-binary.js';
import {
  indexedItemsFields,
  recordBytes,
  searchFields,
  searchOutFields,
  writeRecord,
} from './wasm-record.js';

/** Items of a panel; see assembly/index-panels.ts. */
export const panelItems = 32;
const panelBytes = 64;

/** How items are packed. */
export interface IndexShape {
  readonly itemCount: number;
  /** Elements of a row. */
  readonly width: number;
  /** Coordinates that every search multiplies; the others are for what these do not rule out. */
  readonly lead: number;
}

/**
 * Where an index lies in shared memory. Plain data, so it crosses threads; offsets are bytes. Nothing
 * of it changes once it is packed.
 */
export interface IndexLayout extends IndexShape {
  readonly memory: SharedMemory;
  readonly build: WasmBuild;
  /** The record `IndexedItems`. */
  readonly items: number;
  readonly panelCount: number;
  readonly regions: Readonly<Record<Region, number>>;
}

type Region = 'basis' | 'rows' | 'norms' | 'positions' | 'slots' | 'panels' | 'leads' | 'tails';

/** Views of what an index is packed from; slots are its own order. */
export interface IndexViews {
  /** Row-major, width × width: an orthonormal basis, a vector a row. */
  readonly basis: Float64Array;
  /** Row-major, itemCount × width, by slot. */
  readonly rows: Float32Array;
  /** Norms by slot. */
  readonly norms: Float64Array;
  /** The position of every slot, and the slot of every position. */
  readonly positions: Uint32Array;
  readonly slots: Uint32Array;
}

/** Lays an index out, all zero. Throws `MemoryLimitError`. */
export function layOutIndex(arena: Arena, build: WasmBuild, shape: IndexShape): IndexLayout {
  const { itemCount, width, lead } = shape;
  const { memory } = arena;
  const tail = tailBytes(shape);
  const sizes = Object.entries(regionBytes(shape));
  const offsets = sizes.map(([name, size]) => [name, arena.allocate(size)]);
  // The entries are those of `regionBytes`.
  const regions = Object.fromEntries(offsets) as Record<Region, number>;
  const items = arena.allocate(recordBytes(indexedItemsFields));
  writeRecord(memory, items, indexedItemsFields, { width, itemCount, lead, tail, ...regions });
  const panelCount = panelsOf(shape);
  return { itemCount, width, lead, memory, build, items, panelCount, regions };
}

function regionBytes(shape: IndexShape): Record<Region, number> {
  const { itemCount, width, lead } = shape;
  const panelCount = panelsOf(shape);
  return {
    basis: 8 * width * width,
    rows: 4 * itemCount * width,
    norms: 8 * itemCount,
    positions: 4 * itemCount,
    slots: 4 * itemCount,
    panels: panelCount * panelBytes,
    leads: panelCount * panelItems * 2 * Math.floor((lead + 2) / 2),
    tails: panelCount * panelItems * tailBytes(shape),
  };
}

function panelsOf({ itemCount }: IndexShape): number {
  return Math.ceil(itemCount / panelItems);
}

/** Bytes of an item's other coordinates. */
function tailBytes({ width, lead }: IndexShape): number {
  return Math.ceil((width - lead) / 16) * 16;
}

export function viewIndex({ memory, regions, itemCount, width }: IndexLayout): IndexViews {
  const { buffer } = memory;
  return {
    basis: new Float64Array(buffer, regions.basis, width * width),
    rows: new Float32Array(buffer, regions.rows, itemCount * width),
    norms: new Float64Array(buffer, regions.norms, itemCount),
    positions: new Uint32Array(buffer, regions.positions, itemCount),
    slots: new Uint32Array(buffer, regions.slots, itemCount),
  };
}

/** What of an index does not lie in its rows, and takes long to make. */
export const packedRegions = ['basis', 'panels', 'leads', 'tails', 'positions'] as const;
export type PackedRegion = (typeof packedRegions)[number];

/** The bytes of these regions, in the order of `packedRegions`. */
export function packedBytesOf(layout: IndexLayout): ReadonlyMap<PackedRegion, Uint8Array> {
  const { memory, regions } = layout;
  const sizes = regionBytes(layout);
  return new Map(
    packedRegions.map((region) => [
      region,
      new Uint8Array(memory.buffer, regions[region], sizes[region]),
    ]),
  );
}

/**
 * Packs some panels from what the views hold.
 *
 * @param end exclusive
 */
export function packPanels(layout: IndexLayout, arena: Arena, first: number, end: number): void {
  const { build, memory, items, width } = layout;
  const wasm = instantiate(build, memory);
  const scratch = arena.allocate(8 * panelItems * (width + 1));
  try {
    reportTraps(build, `pack ${end - first} panels of an index at rank ${width}`, () =>
      wasm.packPanels(items, first, end, scratch),
    );
  } finally {
    arena.release(scratch);
  }
}

/** What one search reads, in memory of its own. */
export interface SearchRoom {
  readonly record: number;
  /** Longest list. */
  readonly count: number;
  /** The row to search with. */
  readonly row: Float32Array;
  /** A bit a slot: 1 if it must not be in the list. Whole panels; what fills the last one up is 1. */
  readonly excluded: Uint32Array;
  readonly positions: Uint32Array;
  readonly scores: Float32Array;
  readonly scratch: number;
}

/** What is searched for with the row of a room. */
export interface SearchRequest {
  readonly room: SearchRoom;
  /** Length of the list, at most the room's. */
  readonly count: number;
  /** Norm of the row. */
  readonly norm: number;
  /** Whether scores are cosines, of rows that have a direction; otherwise products. */
  readonly isCosine: boolean;
  /** Whether every item is scored: for a row or items that are not finite, or overflow. */
  readonly isExact: boolean;
}

/** What a search has done; the list is in its room. */
export interface SearchFigures {
  readonly length: number;
  /** Panels of which at least the leading coordinates were read. */
  readonly panelsRead: number;
  /** Items of which all coordinates were read, and those scored exactly. */
  readonly refined: number;
  readonly scored: number;
}

/** Makes room for a search. Throws `MemoryLimitError`. Release `record` to give it back. */
export function makeSearchRoom(layout: IndexLayout, arena: Arena, count: number): SearchRoom {
  const { build, memory, items, width, panelCount } = layout;
  const recordRoom = alignedBytes(recordBytes(searchFields) + 4 * searchOutFields.length);
  const rowRoom = alignedBytes(4 * width);
  const excludedRoom = alignedBytes(4 * panelCount);
  const listRoom = alignedBytes(4 * count);
  const scratchBytes = instantiate(build, memory).searchScratch(items, count);
  const record = arena.allocate(recordRoom + rowRoom + excludedRoom + 2 * listRoom + scratchBytes);
  const { buffer } = memory;
  const excluded = record + recordRoom + rowRoom;
  const positions = excluded + excludedRoom;
  return {
    record,
    count,
    row: new Float32Array(buffer, record + recordRoom, width),
    excluded: new Uint32Array(buffer, excluded, panelCount),
    positions: new Uint32Array(buffer, positions, count),
    scores: new Float32Array(buffer, positions + listRoom, count),
    scratch: positions + 2 * listRoom,
  };
}

/** An index opened in one thread. */
export interface IndexSearcher {
  /** Runs searches that share every read of the index; each has a room of its own. */
  run(requests: readonly SearchRequest[]): SearchFigures[];
}

/** @param maxSearches most searches of one run */
export function openIndex(layout: IndexLayout, arena: Arena, maxSearches: number): IndexSearcher {
  const { build, memory, items, itemCount, width } = layout;
  const wasm = instantiate(build, memory);
  const addresses = arena.uint32(maxSearches);
  return {
    run(requests) {
      for (const [at, request] of requests.entries()) {
        writeSearch(memory, request);
        addresses[at] = request.room.record;
      }
      reportTraps(build, `search ${itemCount} items at rank ${width}`, () =>
        wasm.searchItems(items, addresses.byteOffset, requests.length),
      );
      return requests.map(({ room }) => readFigures(memory, room));
    },
  };
}

function writeSearch(memory: SharedMemory, request: SearchRequest): void {
  const { room, count, norm, isCosine, isExact } = request;
  writeRecord(memory, room.record, searchFields, {
    row: room.row.byteOffset,
    isCosine: isCosine ? 1 : 0,
    isExact: isExact ? 1 : 0,
    count,
    excluded: room.excluded.byteOffset,
    positions: room.positions.byteOffset,
    scores: room.scores.byteOffset,
    scratch: room.scratch,
  });
  // `norm` is the first field of SearchState in assembly/index-search.ts.
  new Float64Array(memory.buffer, room.scratch, 1)[0] = norm;
}

function readFigures({ buffer }: SharedMemory, { record }: SearchRoom): SearchFigures {
  const at = record + recordBytes(searchFields);
  const [length, panelsRead, refined, scored] = new Uint32Array(buffer, at, searchOutFields.length);
  return { length: length!, panelsRead: panelsRead!, refined: refined!, scored: scored! };
}
