import { aCount, aSeed, aShare, checkOptions, type Rule, type Rules } from '../../check-options.js';
import { InvalidOptionError } from '../../errors.js';
import type { Ratings, RatingsSplit } from '../ratings.js';
import type { HoldoutOptions } from './holdout-options.js';
import { markerOf } from './marker-of.js';
import { takeEntries } from './take-entries.js';

/** Which way of withholding has which options; the first name tells the way. */
const ways = [
  ['last'],
  ['perUser', 'seed'],
  ['users', 'visible', 'seed'],
  ['after'],
  ['fraction', 'seed'],
] as const;

const someUsers: Rule = {
  expected: `${aShare.expected}, or a count of users`,
  accepts: (value) => aShare.accepts(value) || aCount.accepts(value),
};

const aMoment: Rule = {
  expected: 'a valid date or a finite number',
  accepts: (value) => Number.isFinite(value instanceof Date ? value.getTime() : value),
};

const rules: Rules<(typeof ways)[number][number]> = {
  last: aCount,
  perUser: aCount,
  users: someUsers,
  visible: aShare,
  after: aMoment,
  fraction: aShare,
  seed: aSeed,
};

/**
 * How to split ratings, with checked options. The split's parts keep the rows and names of the
 * ratings and lie in the same arena: 16 bytes a rating (24 with timestamps) beside the source.
 *
 * What is chosen at random depends on the seed and the positions of user and item, not on the
 * numbering inside.
 *
 * Throws `InvalidOptionError`; the function it returns does so when the ratings do not allow the
 * split: no timestamps, or nothing to withhold or to train on.
 */
export function holdOut(options: HoldoutOptions = {}): (ratings: Ratings) => RatingsSplit {
  checkHoldout(options);
  return (ratings) => {
    const marker = markerOf(options, ratings);
    const marks = marker.mark(ratings);
    marker.check();
    const take = (mark: number) => takeEntries(ratings, marks, mark);
    const split = { train: take(0), test: take(1) };
    return options.users === undefined ? split : { ...split, foldIn: take(2) };
  };
}

/** Throws `InvalidOptionError` for wrong options. */
export function checkHoldout(options: HoldoutOptions): void {
  checkOptions({ of: 'holdout' }, options, rules);
  checkOneWay(options);
}

/** Throws `InvalidOptionError` for options of more than one way. */
function checkOneWay(options: object): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const way = ways.find(([first]) => given.some(([name]) => name === first)) ?? ways.at(-1)!;
  for (const [name] of given) {
    if ((way as readonly string[]).includes(name)) continue;
    const known = ways.map((names) => `{ ${names.join(', ')} }`).join(', ');
    throw new InvalidOptionError(
      name,
      `found ${name} beside ${way[0]}; expected the options of one way of withholding: ${known}`,
    );
  }
}
