import { ColumnError, SourceError } from '../errors.js';
import { reasonOf } from './sql-text.js';
import { systemRefusal } from './system-failure.js';

/** Whether an error says that DuckDB may not read a file. */
export function isForbidden(reason: string): boolean {
  return reason.startsWith('Permission Error');
}

/** Turns an error of DuckDB while it reads a relation into one of this package. */
export function unreadableSource(name: string, cause: unknown): SourceError | ColumnError {
  const reason = reasonOf(cause);
  const refusal = systemRefusal(name, cause);
  if (refusal !== undefined) return refusal;
  // Only casts of CSV columns for `where` can fail on a value; everything else is cast tolerantly.
  if (reason.startsWith('Conversion Error')) {
    return new ColumnError(
      'ERR_COLUMN_TYPE',
      `found a value that its column cannot hold in ${name}: ${reason}; ` +
        'expected one type in a column; correct the value',
      { cause },
    );
  }
  if (isForbidden(reason)) {
    return new SourceError(
      'ERR_FORBIDDEN_SOURCE',
      `found ${name} out of bounds: ${reason}; expected files in the data folders of this worker; ` +
        'move it there, or start the worker with its folder as --data',
      { cause },
    );
  }
  if (/^(Missing Extension|Extension) Error/.test(reason)) {
    return new SourceError(
      'ERR_UNREADABLE_SOURCE',
      `found ${name} to need an extension of DuckDB's: ${reason}; expected files of this machine; ` +
        'try network: true, which installs and loads it',
      { cause },
    );
  }
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found ${name} unreadable: ${reason}; expected CSV, TSV, Parquet, JSON or a SELECT statement; ` +
      'check its content',
    { cause },
  );
}
