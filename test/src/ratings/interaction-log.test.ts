import test from 'ava';
import { InvalidIdError, InvalidRatingError } from '../../../src/errors.js';
import {
  type Interaction,
  InteractionLog,
  type LogSettings,
} from '../../../src/ratings/interaction-log.js';
import { timesByUser, triplesByUser } from '../../helpers/builders/rating-triples.js';

const everything: LogSettings = {
  weights: undefined,
  windowCount: Number.POSITIVE_INFINITY,
  windowSeconds: Number.POSITIVE_INFINITY,
  halfLifeSeconds: Number.POSITIVE_INFINITY,
};

function logOf(settings: Partial<LogSettings>, interactions: readonly Interaction[], now = 0) {
  const log = new InteractionLog({ ...everything, ...settings });
  for (const interaction of interactions) log.add(interaction, now);
  return log;
}

const tea = { user: 'ann', item: 'tea' };
const jam = { user: 'ann', item: 'jam' };

test('interactions of a pair add up, and the latest sets the time', (t) => {
  const log = logOf({}, [{ ...tea, timestamp: 5 }, jam, { ...tea, rating: 2, timestamp: 3 }], 4);

  t.deepEqual(triplesByUser(log.ratings(9)), [
    ['ann', 'jam', 1],
    ['ann', 'tea', 3],
  ]);
  t.deepEqual(timesByUser(log.ratings(9)), [
    ['ann', 'jam', 4],
    ['ann', 'tea', 5],
  ]);
});

test('a kind of event counts by its weight, one without kind 1, one of weight 0 not at all', (t) => {
  const weights = new Map([
    ['view', 1],
    ['cart', 3],
    ['impression', 0],
  ]);
  const log = logOf({ weights }, [
    { ...tea, event: 'view' },
    { ...tea, event: 'cart', rating: 2 },
    { ...tea, event: 'impression' },
    jam,
    { user: 'bob', item: 'oat', event: 'impression' },
  ]);

  const ratings = log.ratings(0);

  t.deepEqual(triplesByUser(ratings), [
    ['ann', 'jam', 1],
    ['ann', 'tea', 7],
  ]);
  t.is(ratings.users.ids.positionOf('bob'), 1);
});

test('an interaction counts half after a half-life, and the future counts as now', (t) => {
  const log = logOf({ halfLifeSeconds: 10 }, [
    { ...tea, timestamp: 0 },
    { ...tea, timestamp: 10 },
    { ...jam, timestamp: 99 },
  ]);

  t.deepEqual(triplesByUser(log.ratings(20)), [
    ['ann', 'jam', 1],
    ['ann', 'tea', 0.75],
  ]);
  t.is(triplesByUser(log.ratings(30))[1]![2], 0.375);
});

test('fully decayed interactions are removed', (t) => {
  const log = logOf({ halfLifeSeconds: 1 }, [{ ...tea, timestamp: 0 }]);

  t.is(log.ratings(200).byUser.columns.length, 0);
  t.is(log.ratings(0).byUser.columns.length, 0);
});

test('a window of the last arrivals', (t) => {
  const log = logOf({ windowCount: 2 }, [tea, tea, jam, tea]);

  t.deepEqual(triplesByUser(log.ratings(0)), [
    ['ann', 'jam', 1],
    ['ann', 'tea', 1],
  ]);
});

test('a window of time uses timestamps, in any order of arrival', (t) => {
  const log = logOf({ windowSeconds: 10 }, [
    { ...tea, timestamp: 9 },
    { ...jam, timestamp: 20 },
    { ...tea, timestamp: 10 },
  ]);

  t.deepEqual(triplesByUser(log.ratings(20)), [
    ['ann', 'jam', 1],
    ['ann', 'tea', 1],
  ]);
  t.deepEqual(triplesByUser(log.ratings(25)), [['ann', 'jam', 1]]);
});

test('a long log keeps the entries of the window', (t) => {
  const log = logOf(
    { windowCount: 3 },
    Array.from({ length: 10_000 }, () => tea),
  );

  t.deepEqual(triplesByUser(log.ratings(0)), [['ann', 'tea', 3]]);
});

test('positions stay, and later users do not show in earlier ratings', (t) => {
  const log = logOf({ windowCount: 1 }, [tea]);
  const first = log.ratings(0);
  log.add({ user: 'bob', item: 'tea' }, 0);

  const second = log.ratings(0);

  t.deepEqual([first.users.ids.size, second.users.ids.size], [1, 2]);
  t.is(first.users.ids.positionOf('bob'), undefined);
  t.is(second.users.ids.positionOf('bob'), 1);
  t.is(second.users.ids.at(0), 'ann');
  t.deepEqual(triplesByUser(first), [['ann', 'tea', 1]]);
  t.deepEqual(triplesByUser(second), [['bob', 'tea', 1]]);
});

const refuses = test.macro({
  exec(t, interaction: object, instanceOf: new (...args: never[]) => Error, message: RegExp) {
    const log = logOf({ weights: new Map([['view', 1]]) }, [tea]);

    t.throws(() => log.add(interaction as Interaction, 0), { instanceOf, message });
    t.deepEqual(triplesByUser(log.ratings(0)), [['ann', 'tea', 1]]);
  },
  title: (provided) => `${provided} is refused and leaves the log as it was`,
});
test('an unknown event', refuses, { ...tea, event: 'like' }, InvalidRatingError, /"like".*"view"/);
test(
  'text as a rating',
  refuses,
  { ...tea, rating: '5' },
  InvalidRatingError,
  /"5" \(a string\) at entry 1/,
);
test('a NaN rating', refuses, { ...tea, rating: Number.NaN }, InvalidRatingError, /NaN/);
test('a time in words', refuses, { ...tea, timestamp: 'today' }, InvalidRatingError, /"today"/);
test('an invalid date', refuses, { ...tea, timestamp: new Date('x') }, InvalidRatingError, /Date/);
test(
  'no user',
  refuses,
  { item: 'tea' },
  InvalidIdError,
  /the fields item at entry \d+, and no user/,
);
test(
  'no item',
  refuses,
  { user: 'eve' },
  InvalidIdError,
  /the fields user at entry \d+, and no item/,
);
