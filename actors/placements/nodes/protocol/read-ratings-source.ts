import type { RatingsSource, SourceContents } from '../../../../src/ratings/described-ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { booleanIn, type Fields, fieldsIn, integerIn, listIn, oneIn, textIn } from './fields.js';

const maxFiles = 10_000;
/** Text of one line, such as a path or the name of a column. */
const line = /^[^\p{Cc}]{1,4096}$/su;
const label = /^[\w:.-]{1,40}$/;
const delimiter = /^[^\0\r\n"]{1,4}$/;
const sqlText = /^[^\0]{1,500000}$/s;

/**
 * Reads a source of ratings from a message. `openRatingsReader` checks whether it may be read. Throws
 * `InvalidMessageError` if it is invalid.
 */
export function readRatingsSource(from: Fields, users: number, items: number): RatingsSource {
  return {
    ...(from.sql === undefined
      ? { files: listIn(from, 'files', maxFiles).map((_, at) => fileAt(from, at)) }
      : { sql: textIn(from, 'sql', sqlText) }),
    ...columnIn(from, 'user'),
    ...columnIn(from, 'item'),
    ...(from.rating === false ? { rating: false } : columnIn(from, 'rating')),
    ...(from.timestamp === false ? { timestamp: false } : columnIn(from, 'timestamp')),
    ...(from.encoding !== undefined && { encoding: textIn(from, 'encoding', label) }),
    ...(from.delimiter !== undefined && { delimiter: textIn(from, 'delimiter', delimiter) }),
    ...flagIn(from, 'header'),
    ...flagIn(from, 'skipBadRows'),
    ...flagIn(from, 'hive'),
    ...(from.where !== undefined && { where: textIn(from, 'where', sqlText) }),
    duplicates: oneIn(from, 'duplicates', ['error', 'sum', 'last', 'max', 'mean']),
    engine: textIn(from, 'engine'),
    contents: readContents(fieldsIn(from, 'contents'), users, items),
  };
}

function fileAt({ files }: Fields, at: number): string {
  return textIn(files as Fields, String(at), line);
}

function columnIn<Name extends 'user' | 'item' | 'rating' | 'timestamp'>(
  from: Fields,
  name: Name,
): { readonly [Key in Name]?: string } {
  if (from[name] === undefined) return {};
  return { [name]: textIn(from, name, line) } as { readonly [Key in Name]?: string };
}

function flagIn<Name extends 'header' | 'skipBadRows' | 'hive'>(
  from: Fields,
  name: Name,
): { readonly [Key in Name]?: boolean } {
  if (from[name] === undefined) return {};
  return { [name]: booleanIn(from, name) } as { readonly [Key in Name]?: boolean };
}

function readContents(from: Fields, users: number, items: number): SourceContents {
  const rows = integerIn(from, 'rows', 1);
  if (rows >= 2 ** 32) throw new InvalidMessageError(`${rows} rows`, 'fewer than 2³²');
  return {
    users: integerIn(from, 'users', users, users),
    items: integerIn(from, 'items', items, items),
    rows,
    digest: textIn(from, 'digest', /^[\d.]{5,200}$/),
    isOrdered: booleanIn(from, 'isOrdered'),
  };
}
