import { describe } from '../../errors.js';
import type { ArrowColumn, WritableColumn } from '../../io/arrow/column.js';
import { denseIds, type Id, type IdVocabulary, listedIds } from '../../ratings/id-vocabulary.js';
import { NumberIds } from '../../ratings/number-ids.js';
import { TextIds } from '../../ratings/text-ids.js';

/**
 * How the ids of one side lie in their column, so that they come back with their types.
 *
 *     string    utf8, as they are
 *     number    int32; int64 if one is larger; float64 if one is no integer
 *     bigint    int64
 *     integer   int64, numbers and, beyond ±2⁵³, bigints
 *     mixed     utf8: "a" for a string, 1 for a number, 1n for a bigint
 */
export type IdKind = 'string' | 'number' | 'bigint' | 'integer' | 'mixed';

/** A column of ids, and what has to be known to read it. */
export interface IdColumn {
  readonly kind: IdKind;
  readonly column:
    | Extract<WritableColumn, { readonly type: 'utf8' }>
    | Extract<ArrowColumn, { readonly type: 'int32' | 'int64' | 'float64' }>;
}

/** The ids of one side as a column. */
export function encodeIds(vocabulary: IdVocabulary): IdColumn {
  if (vocabulary instanceof TextIds) {
    return { kind: 'string', column: { type: 'utf8', values: vocabulary.texts } };
  }
  const ids = Array.from({ length: vocabulary.size }, (_, position) => vocabulary.at(position));
  if (ids.every(isText)) return { kind: 'string', column: { type: 'utf8', values: ids } };
  if (ids.every((id) => typeof id === 'number')) return { kind: 'number', column: numbers(ids) };
  const kind = ids.every((id) => typeof id === 'bigint')
    ? 'bigint'
    : ids.every(isPlainInteger)
      ? 'integer'
      : 'mixed';
  return kind === 'mixed' || !ids.every(fitsInt64)
    ? { kind: 'mixed', column: { type: 'utf8', values: ids.map(literal) } }
    : { kind, column: { type: 'int64', values: BigInt64Array.from(ids, BigInt) } };
}

/**
 * The inverse of `encodeIds`. Throws `TypeError` if column and kind do not fit, if an id is there
 * twice, and for a number that is not finite.
 */
export function decodeIds(kind: IdKind, column: ArrowColumn | undefined): IdVocabulary {
  const ids = vocabularyOf(kind, column);
  const repeated = repeatedIn(ids);
  if (repeated === undefined) return ids;
  throw new TypeError(`found id ${describe(ids.at(repeated))} twice`);
}

/** A position whose id is at another one too. */
function repeatedIn(ids: IdVocabulary): number | undefined {
  if (ids instanceof TextIds || ids instanceof NumberIds) return ids.repeated;
  for (let position = 0; position < ids.size; position++) {
    // The position of an id that is there twice is that of the later one.
    if (ids.positionOf(ids.at(position)) !== position) return position;
  }
  return undefined;
}

function vocabularyOf(kind: IdKind, column: ArrowColumn | undefined): IdVocabulary {
  if (column?.type === 'utf8' && kind === 'string') return new TextIds(column.values);
  if (column?.type === 'utf8' && kind === 'mixed') {
    const { length } = column.values;
    return listedIds(Array.from({ length }, (_, at) => fromLiteral(column.values.at(at)!)));
  }
  if (column?.type === 'int64' && kind === 'bigint') return listedIds(Array.from(column.values));
  if (column?.type === 'int64' && (kind === 'number' || kind === 'integer')) {
    return column.values.every((id) => Number.isSafeInteger(Number(id)))
      ? new NumberIds(Float64Array.from(column.values, Number))
      : listedIds(Array.from(column.values, plainInteger));
  }
  if ((column?.type === 'int32' || column?.type === 'float64') && kind === 'number') {
    const isDense = column.values.every((id: number, position: number) => id === position);
    if (isDense) return denseIds(column.values.length);
    const bad = column.values.find((id: number) => !Number.isFinite(id));
    if (bad !== undefined) throw new TypeError(`found id ${bad}`);
    return new NumberIds(column.values);
  }
  throw new TypeError(`found a column of type ${column?.type}; expected ids of kind ${kind}`);
}

function numbers(ids: readonly number[]): IdColumn['column'] {
  if (ids.every((id) => id === (id | 0))) return { type: 'int32', values: Int32Array.from(ids) };
  return ids.every(Number.isSafeInteger)
    ? { type: 'int64', values: BigInt64Array.from(ids, BigInt) }
    : { type: 'float64', values: Float64Array.from(ids) };
}

/** A string that UTF-8 can hold: a lone surrogate would come back as U+FFFD. */
function isText(id: Id): id is string {
  return typeof id === 'string' && !/\p{Surrogate}/u.test(id);
}

/** Whether the number or bigint follows from its value alone. */
function isPlainInteger(id: Id): boolean {
  return typeof id === 'bigint' ? typeof plainInteger(id) === 'bigint' : Number.isSafeInteger(id);
}

function plainInteger(id: bigint): number | bigint {
  return Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

function fitsInt64(id: Id): boolean {
  return typeof id === 'number' || BigInt.asIntN(64, BigInt(id)) === id;
}

function literal(id: Id): string {
  if (typeof id === 'bigint') return `${id}n`;
  return typeof id === 'string' ? JSON.stringify(id) : String(id);
}

function fromLiteral(text: string): Id {
  if (text.startsWith('"')) return JSON.parse(text);
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}
