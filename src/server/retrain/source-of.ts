import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Observable } from '../../../dataflow/rxjs.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromRatings } from '../../../dataflow/sources/from-ratings.js';
import { InvalidOptionError } from '../../errors.js';
import type { RatingRow } from '../../ratings/from-rows.js';
import type { Ratings } from '../../ratings/ratings.js';

const modulePattern = /\.[cm]?js$/;

/**
 * Ratings of files, or of one module, whose default export is rows (`{ user, item, rating? }`, an
 * iterable or an async one), a source such as `fromSql(…)`, or a function that gives one of these.
 * Rejects with `InvalidOptionError`.
 */
export async function sourceOf(from: readonly string[]): Promise<Observable<Ratings>> {
  const modules = from.filter((name) => modulePattern.test(name));
  if (modules.length === 0) return fromFile([...from]);
  if (from.length > 1) {
    throw new InvalidOptionError(
      'from',
      `found ${from.length} sources; expected one module, or files`,
    );
  }
  const loaded = (await import(pathToFileURL(resolve(modules[0]!)).href)) as { default?: unknown };
  const made = typeof loaded.default === 'function' ? await loaded.default() : loaded.default;
  if (typeof made === 'object' && made !== null) {
    if ('pipe' in made) return made as Observable<Ratings>;
    if (Symbol.asyncIterator in made || Symbol.iterator in made) {
      return fromRatings(made as Iterable<RatingRow>);
    }
  }
  throw new InvalidOptionError(
    'from',
    `found module ${modules[0]} without rows; expected a default export that is rows, a source, or a function that gives them`,
  );
}
