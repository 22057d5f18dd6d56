import test from 'ava';
import {
  aCount,
  anIterable,
  aPath,
  aSeed,
  aShare,
  checkOptions,
  checkValue,
  integer,
  numberAbove,
  numberFrom,
  oneOf,
  type Rule,
  trueOrFalse,
} from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';

const rules = { count: aCount, filterSeen: trueOrFalse };

const refuses = test.macro({
  exec(t, options: unknown, option: string, message: RegExp) {
    const error = t.throws(() => checkOptions({ of: 'recommend' }, options, rules), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
      message,
    });
    t.is(error?.option, option);
  },
  title: (provided) => `${provided} is refused`,
});

test('a misspelt option', refuses, { filter_seen: false }, 'filter_seen', /try filterSeen/);
test(
  'an option that resembles none',
  refuses,
  { n: 5 },
  'n',
  /found option n of recommend; expected one of count, filterSeen$/,
);
test('a name that every object has', refuses, { constructor: 5 }, 'constructor', /expected one of/);
test(
  'a value of the wrong type',
  refuses,
  { count: '5' },
  'count',
  /count is "5"; expected an integer ≥ 1/,
);
test('a number in the place of options', refuses, 5, 'options', /options is 5; expected an object/);
test('null in the place of options', refuses, null, 'options', /options is null/);
test('a list in the place of options', refuses, [5], 'options', /options is \[5\]/);

test('an option inside another is named by both', (t) => {
  const check = () =>
    checkOptions({ within: 'checkpoint' }, { paht: 'a' }, { path: aPath('a folder') });

  const error = t.throws(check, { message: /checkpoint\.paht; expected one of path; try path$/ });
  t.is((error as InvalidOptionError).option, 'checkpoint.paht');
});

test('undefined counts as not given, for any name', (t) => {
  t.notThrows(() =>
    checkOptions({ of: 'recommend' }, { count: undefined, cuont: undefined }, rules),
  );
});

const follows = test.macro({
  exec(t, rule: Rule, right: readonly unknown[], wrong: readonly unknown[]) {
    for (const value of right) t.notThrows(() => checkValue('it', value, rule));
    for (const value of wrong) {
      t.throws(() => checkValue('it', value, rule), { instanceOf: InvalidOptionError });
    }
  },
  title: (provided) => `${provided} is what it says and nothing else`,
});

const notNumbers = ['1', 1n, null, undefined, Number.NaN, Object(1), [1]];
test('a count', follows, aCount, [1, 2 ** 53 - 1], [0, -1, 1.5, 2 ** 53, Infinity, ...notNumbers]);
test('a seed', follows, aSeed, [0, 2 ** 32 - 1], [-1, 2 ** 32, 0.5, ...notNumbers]);
test('an integer from 2 to 4', follows, integer(2, 4), [2, 3, 4], [1, 5, 2.5, ...notNumbers]);
test('a share', follows, aShare, [0.1, 0.999], [0, 1, -0.5, ...notNumbers]);
test('a number from 0', follows, numberFrom(0), [0, -0, 1e308], [-1e-9, Infinity, ...notNumbers]);
test('a number above 0', follows, numberAbove(0), [1e-9], [0, -1, Infinity, ...notNumbers]);
test('one of two names', follows, oneOf('a', 'b'), ['a', 'b'], ['', 'c', null, ['a']]);
test('a path', follows, aPath('a file'), ['x', './x'], ['', 5, null, new URL('file:///x')]);
test(
  'an iterable',
  follows,
  anIterable('ids'),
  [[], new Set(), [1].values()],
  ['ids', 5, null, {}],
);
