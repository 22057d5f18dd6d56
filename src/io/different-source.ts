import { SourceError } from '../errors.js';
import type { SourceContents } from '../ratings/described-ratings.js';

/** Throws `SourceError` unless a source has as many as were found there before. */
export function expectSame(name: string, what: string, found: number, expected: number): void {
  if (found !== expected) throw differentSource(name, `${found} ${what}`, `${expected}`);
}

/** The error of a source that is not as it was before. */
export function differentSource(
  name: string,
  found: string,
  expected: string,
  contents?: SourceContents,
): SourceError {
  const order = contents?.isOrdered
    ? "; the order of the rows decides between duplicates here, so an SQL query needs ORDER BY, or duplicates other than 'last'"
    : '';
  return new SourceError(
    'ERR_DIFFERENT_SOURCE',
    `found ${found} in ${name}; expected ${expected}, as were found there before; ` +
      `check that the file stays, and that every machine sees the same${order}`,
  );
}
