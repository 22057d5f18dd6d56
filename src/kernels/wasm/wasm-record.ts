import type { SharedMemory } from '../../arena.js';

/** What a field of a record is: one word of 32 bits. `usize` is an address or a count. */
export type FieldType = 'usize' | 'i32' | 'f32';

/** The fields of a class of the assembly, in its order. */
export type RecordFields = Readonly<Record<string, FieldType>>;

/** Bytes of a record. */
export function recordBytes(fields: RecordFields): number {
  return Object.keys(fields).length * 4;
}

/** Writes a record at byte `at` of memory: a number for every field, in whatever order. */
export function writeRecord<Fields extends RecordFields>(
  memory: SharedMemory,
  at: number,
  fields: Fields,
  values: Readonly<Record<keyof Fields, number>>,
): void {
  const view = new DataView(memory.buffer, at, recordBytes(fields));
  let offset = 0;
  for (const [name, type] of Object.entries(fields)) {
    if (type === 'f32') view.setFloat32(offset, values[name]!, true);
    else view.setUint32(offset, values[name]!, true);
    offset += 4;
  }
}

/** `Task` in assembly/task.ts: its fields before the sums. */
export const taskFields = Object.freeze({
  rank: 'usize',
  stride: 'usize',
  firstRow: 'usize',
  rowCount: 'usize',
  fixed: 'usize',
  fixedRowCount: 'usize',
  fixedTotal: 'usize',
  before: 'usize',
  after: 'usize',
  offsets: 'usize',
  columns: 'usize',
  ratings: 'usize',
  heldOutOffsets: 'usize',
  heldOutColumns: 'usize',
  heldOutRatings: 'usize',
  regularizers: 'usize',
  gram: 'usize',
  blockGram: 'usize',
  stopFlag: 'usize',
  scratch: 'usize',
  cgSteps: 'usize',
  implicit: 'usize',
  alpha: 'f32',
  unobservedWeight: 'f32',
  observedShare: 'f32',
  offset: 'f32',
  measured: 'usize',
  batchRows: 'usize',
  batchEntries: 'usize',
  chunkRows: 'usize',
  subspaceSize: 'usize',
  pinned: 'i32',
  nonnegative: 'usize',
  stepLength: 'f32',
  singularRow: 'usize',
});

/** `ErrorSums` in assembly/task.ts, of f64. */
export const errorSumFields = Object.freeze([
  'squared',
  'absolute',
  'squaredPreference',
  'loss',
  'squaredPrediction',
] as const);

/** `RankingTask` in assembly/ranking-task.ts. */
export const rankingTaskFields = Object.freeze({
  rank: 'usize',
  count: 'usize',
  items: 'usize',
  itemCount: 'usize',
  candidates: 'usize',
  candidateCount: 'usize',
  order: 'usize',
  packed: 'usize',
  users: 'usize',
  userCount: 'usize',
  seenOffsets: 'usize',
  seenItems: 'usize',
  lengths: 'usize',
  positions: 'usize',
  scores: 'usize',
  stopFlag: 'usize',
  batchUsers: 'usize',
  capacity: 'usize',
  scratch: 'usize',
});

/** `IndexedItems` in assembly/index-panels.ts. */
export const indexedItemsFields = Object.freeze({
  width: 'usize',
  itemCount: 'usize',
  lead: 'usize',
  tail: 'usize',
  basis: 'usize',
  rows: 'usize',
  norms: 'usize',
  positions: 'usize',
  slots: 'usize',
  panels: 'usize',
  leads: 'usize',
  tails: 'usize',
});

/** `Search` in assembly/index-search.ts: its fields before what comes out. */
export const searchFields = Object.freeze({
  row: 'usize',
  isCosine: 'usize',
  isExact: 'usize',
  count: 'usize',
  excluded: 'usize',
  positions: 'usize',
  scores: 'usize',
  scratch: 'usize',
});

/** What comes out of a `Search`, of u32, after its fields. */
export const searchOutFields = Object.freeze([
  'length',
  'panelsRead',
  'refined',
  'scored',
] as const);
