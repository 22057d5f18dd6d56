import test from 'ava';
import {
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  type SeesawError,
  UnknownIdError,
} from '../../../src/errors.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { smallModel } from '../../helpers/builders/models.js';

type ErrorClass = new (...args: never[]) => SeesawError;

/** Calls as plain JavaScript makes them. */
const refuses = test.macro({
  // biome-ignore lint/suspicious/noExplicitAny: wrong input is the point.
  exec(t, call: (model: any) => unknown, instanceOf: ErrorClass, message: RegExp) {
    const model: FactorModel = smallModel();
    const made = () => {
      const result = call(model);
      return result instanceof Object && Symbol.iterator in result ? [...(result as [])] : result;
    };
    t.throws(made, { instanceOf, message });
  },
  title: (provided) => `${provided} is refused`,
});

const twin = /item "20" is unknown; .*try 20, a number and no string/;
test(
  'deny of another type',
  refuses,
  (m) => m.recommend('a', { deny: ['20'] }),
  UnknownIdError,
  twin,
);
test(
  'deny of a bigint',
  refuses,
  (m) => m.recommend('a', { deny: [20n] }),
  UnknownIdError,
  /20n is unknown; .*try 20, a number/,
);
test(
  'allow of another type',
  refuses,
  (m) => m.recommend('a', { allow: ['20'] }),
  UnknownIdError,
  twin,
);
test(
  'deny of another type for all',
  refuses,
  (m) => m.recommendAll({ deny: ['20'] }),
  UnknownIdError,
  twin,
);
test(
  'deny of a list entry',
  refuses,
  (m) => m.recommend('a', { deny: m.recommend('b') }),
  InvalidIdError,
  /try its itemId/,
);
test(
  'deny of NaN',
  refuses,
  (m) => m.recommend('a', { deny: [Number.NaN] }),
  InvalidIdError,
  /item id NaN/,
);
test(
  'deny of text',
  refuses,
  (m) => m.recommend('a', { deny: '20' }),
  InvalidOptionError,
  /an iterable of item ids/,
);
test(
  'users of another type',
  refuses,
  (m) => m.recommendAll({ users: [1] }),
  UnknownIdError,
  /user 1 is unknown/,
);
test('null for a user', refuses, (m) => m.recommend(null), InvalidOptionError, /user is null/);
test(
  'an object for a user',
  refuses,
  (m) => m.recommend({ userId: 'a' }),
  InvalidOptionError,
  /a folded-in user/,
);
test(
  'an item in the place of a user',
  refuses,
  (m) => m.predict(m.foldInItem([]), 20),
  InvalidOptionError,
  /a folded-in user/,
);
test('an item of another type', refuses, (m) => m.predict('a', '20'), UnknownIdError, twin);
test('a similar item of another type', refuses, (m) => m.similarItems('20'), UnknownIdError, twin);
test(
  'an explained item of another type',
  refuses,
  (m) => m.explain('a', '20'),
  UnknownIdError,
  twin,
);
test(
  'a folded-in item of another type',
  refuses,
  (m) => m.foldInUser([{ item: '20' }]),
  UnknownIdError,
  twin,
);
test(
  'a folded-in item of another type, unknown ones ignored',
  refuses,
  (m) => m.foldInUser([{ item: '20' }], { unknown: 'ignore' }),
  UnknownIdError,
  twin,
);
test(
  'a new item that is known as another type',
  refuses,
  (m) => m.partialFit([{ user: 'a', item: '20' }]),
  InvalidIdError,
  /item "20" at entry 0, a string; .*20, a number; try Number\(id\)/,
);

const option = (of: string, nearest: string) => new RegExp(`of ${of}; .*try ${nearest}$`);
test(
  'an option of recommend',
  refuses,
  (m) => m.recommend('a', { filter_seen: false }),
  InvalidOptionError,
  option('recommend', 'filterSeen'),
);
test(
  'an option of recommendAll',
  refuses,
  (m) => m.recommendAll({ user: ['a'] }),
  InvalidOptionError,
  option('recommendAll', 'users'),
);
test(
  'an option of similarItems',
  refuses,
  (m) => m.similarItems(20, { cuont: 1 }),
  InvalidOptionError,
  option('similarItems', 'count'),
);
test(
  'an option of similarUsers',
  refuses,
  (m) => m.similarUsers('a', { cont: 1 }),
  InvalidOptionError,
  option('similarUsers', 'count'),
);
test(
  'an option of explain',
  refuses,
  (m) => m.explain('a', 20, { counts: 1 }),
  InvalidOptionError,
  option('explain', 'count'),
);
test(
  'an option of foldInUser',
  refuses,
  (m) => m.foldInUser([], { unknwon: 'ignore' }),
  InvalidOptionError,
  option('foldInUser', 'unknown'),
);
test(
  'an option of foldInItem',
  refuses,
  (m) => m.foldInItem([], { duplicate: 'sum' }),
  InvalidOptionError,
  option('foldInItem', 'duplicates'),
);
test(
  'an option of partialFit',
  refuses,
  (m) => m.partialFit([], { iteration: 2 }),
  InvalidOptionError,
  option('partialFit', 'iterations'),
);
test(
  'a number for options',
  refuses,
  (m) => m.recommend('a', 5),
  InvalidOptionError,
  /options is 5/,
);

test(
  'a rating as text',
  refuses,
  (m) => m.foldInUser([{ item: 20, rating: '3' }]),
  InvalidRatingError,
  /rating "3" \(a string\) at entry 0; .*try Number\(rating\)/,
);
test(
  'a rating as bigint',
  refuses,
  (m) => m.partialFit([{ user: 'a', item: 20, rating: 3n }]),
  InvalidRatingError,
  /rating 3n \(a bigint\) at entry 0; .*try Number\(rating\)/,
);
test(
  'a rating in words',
  refuses,
  (m) => m.foldInUser([{ item: 20, rating: 'good' }]),
  InvalidRatingError,
  /"good" \(a string\).*try leaving/,
);
test(
  'a rating that is null',
  refuses,
  (m) => m.foldInUser([{ item: 20, rating: null }]),
  InvalidRatingError,
  /rating null/,
);
test(
  'a rating that float32 holds as 0',
  refuses,
  (m) => m.foldInUser([{ item: 20, rating: 1e-60 }]),
  InvalidRatingError,
  /rating 1e-60/,
);
test(
  'a row that is null',
  refuses,
  (m) => m.partialFit([null]),
  InvalidIdError,
  /null at entry 0; expected \{ user/,
);

test('allow and deny ignore unknown ids without a twin', (t) => {
  const model = smallModel();

  t.deepEqual(model.recommend('a', { deny: [99, 'tea'] }), model.recommend('a'));
  t.deepEqual(model.recommend('a', { allow: [99] }), []);
});
