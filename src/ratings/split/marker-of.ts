import { InvalidOptionError } from '../../errors.js';
import type { RatingsOutline } from '../ratings.js';
import type { HoldoutOptions } from './holdout-options.js';
import { afterMarker, markLatest } from './mark-by-time.js';
import { markRandom } from './mark-random.js';
import { wholeUsersMarker } from './mark-whole-users.js';
import type { Marker } from './marker.js';

/**
 * What chooses by options that have been checked. It is the same whether rows come in one lot or in
 * several.
 *
 * Throws `InvalidOptionError` if there are too few users for whole ones to be withheld.
 */
export function markerOf(options: HoldoutOptions, whole: RatingsOutline): Marker {
  const { last, perUser, users, after, fraction = 0.1, visible = 0.8, seed = 42 } = options;
  const userCount = whole.byUser.rowCount;
  if (users !== undefined) return wholeUsersMarker(whole, { users, visible, seed });
  if (after !== undefined) return { users: userCount, ...afterMarker(after) };
  const withheldAny = (option: string, found: unknown, mark: Marker['mark']): Marker => {
    let isAny = false;
    return {
      users: userCount,
      mark(rows) {
        const marks = mark(rows);
        isAny ||= marks.includes(1);
        return marks;
      },
      check() {
        if (!isAny) throw nothingWithheld(option, found);
      },
    };
  };
  if (last !== undefined) return withheldAny('last', last, (rows) => markLatest(rows, last));
  if (perUser !== undefined) {
    return withheldAny('perUser', perUser, (rows) => markRandom(rows, () => perUser, seed));
  }
  const countOf = (count: number) => Math.round(count * fraction);
  return withheldAny('fraction', fraction, (rows) => markRandom(rows, countOf, seed));
}

function nothingWithheld(option: string, found: unknown): InvalidOptionError {
  return new InvalidOptionError(
    option,
    found,
    'one that withholds a rating of these; each user keeps at least one',
  );
}
