import test from 'ava';
import fc from 'fast-check';
import { type Id, type IdVocabulary, listedIds } from '../../../src/ratings/id-vocabulary.js';
import { packTexts } from '../../../src/ratings/packed-texts.js';
import { TextIds } from '../../../src/ratings/text-ids.js';

const hard = [
  ...['', ' ', '\0', 'a', 'a\0', '\0a', 'A', '7', '07', '-0', '1e3', 'NaN', '10n'],
  ...['__proto__', 'constructor', 'toString', '\ufeff', '\ufeffa', '\ufffd', 'é', 'e\u0301'],
  ...['😀', '😀😀', '日本', '\u{10ffff}', 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(257)],
  ...['é'.repeat(200), `${'x'.repeat(300)}é`, 'x'.repeat(1_000_000)],
];

const idsOf = (ids: IdVocabulary) =>
  Array.from({ length: ids.size }, (_, position) => ids.at(position));

const sameAsListed = test.macro({
  exec(t, texts: readonly string[], others: readonly Id[]) {
    const listed = listedIds(texts);

    const packed = new TextIds(packTexts(texts));

    t.is(packed.size, listed.size);
    t.deepEqual(idsOf(packed), texts);
    // Some strings have been kept by now.
    t.deepEqual(idsOf(packed), texts);
    for (const id of [...texts, ...others]) t.is(packed.positionOf(id), listed.positionOf(id));
    t.is(packed.repeated, undefined);
  },
  title: (title = '') => `packed ids are those of a list: ${title}`,
});

test('hard ones', sameAsListed, hard, []);
test('none', sameAsListed, [], ['', 'a', 0]);
test('one', sameAsListed, ['a'], ['', 'b', 'aa', 0, 1n]);
test('the empty one', sameAsListed, [''], ['\0', 'a', 0]);
test('ASCII only, beside ids that are not', sameAsListed, ['a', 'b'], ['é', '\u0080', 'á', '😀']);
test('ids of other types are not there', sameAsListed, ['1', '0'], [1, 0, -0, 1n, 0n, Number.NaN]);
test(
  'a lone surrogate is not the character that stands for it in UTF-8',
  sameAsListed,
  ['\ufffd', 'a\ufffd', '\ufffd\ufffd', '\ufffd\ufffd\ufffd', '😀'],
  ['\ud800', 'a\ud800', '\udc00\ud800', '\ud83d', '\ude00', '\ude00\ud83d'],
);
test(
  'more than keep their strings',
  sameAsListed,
  Array.from({ length: 70_000 }, (_, at) => `user-${(at * 7919) % 1_000_003}`),
  ['user-', 'user-1000003', 'user-07919'],
);

// Any characters, few of them and short texts, so that many nearly agree.
const texts = fc.uniqueArray(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é', '😀'), maxLength: 4 }),
  ),
  { maxLength: 60 },
);
const halves = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });

test('any packed ids are found where a list has them', (t) => {
  fc.assert(
    fc.property(texts, fc.array(fc.oneof(halves, fc.string(), fc.integer())), (ids, others) => {
      const listed = listedIds(ids);
      const packed = new TextIds(packTexts(ids));
      t.deepEqual(idsOf(packed), ids);
      for (const id of [...ids, ...others]) t.is(packed.positionOf(id), listed.positionOf(id));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('an id that is there twice is at its later position, which tells of it', (t) => {
  const packed = new TextIds(packTexts(['a', 'b', 'c', 'b', 'd']));

  t.is(packed.positionOf('b'), 3);
  t.is(packed.repeated, 3);
});

test('what is no position has no id', (t) => {
  const packed = new TextIds(packTexts(['a', 'b']));

  for (const position of [-1, 2, 0.5, Number.NaN])
    t.is<unknown, undefined>(packed.at(position), undefined);
  t.deepEqual(idsOf(packed), ['a', 'b']);
});
