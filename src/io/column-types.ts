/** A column of a source, with DuckDB's name for its type. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** Whether it can be had as text, so that `type` is only what its first values suggest. */
  readonly isText?: boolean;
  /** Whether blanks around its values are no part of them. */
  readonly isPadded?: boolean;
}

const integer = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$|^DECIMAL\(\d+,0\)$/;
const number = /^(FLOAT|DOUBLE|BOOLEAN|DECIMAL\(.*\))$/;
const text = /^(VARCHAR|JSON|UUID|ENUM\(.*\))$/s;
const time = /^(DATE|TIMESTAMP.*)$/;

/** Whether ids can be of this type: text or whole numbers. */
export function canBeId({ type, isText = false }: Column): boolean {
  return isText || integer.test(type) || text.test(type);
}

/** Whether ratings can be of this type: numbers, or text that holds numbers. */
export function canBeRating({ type, isText = false }: Column): boolean {
  return isText || isNumber({ type }) || type === 'VARCHAR' || type === 'JSON';
}

/** Whether times can be of this type: times, dates and numbers, or text that holds them. */
export function canBeTimestamp({ type, isText = false }: Column): boolean {
  return isText || isNumber({ type }) || time.test(type) || type === 'VARCHAR';
}

/** Whether all values seen are times, dates or numbers. */
export function isTimeLike({ type }: Column): boolean {
  return isNumber({ type }) || time.test(type);
}

export function isInteger({ type }: Pick<Column, 'type'>): boolean {
  return integer.test(type);
}

export function isNumber({ type }: Pick<Column, 'type'>): boolean {
  return integer.test(type) || number.test(type);
}

export function isTime({ type }: Pick<Column, 'type'>): boolean {
  return time.test(type);
}
