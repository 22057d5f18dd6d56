import test from 'ava';
import fc from 'fast-check';
import { JsonNesting } from '../../../src/io/json-nesting.js';

function nestingOf(json: string, pieceBytes = Number.POSITIVE_INFINITY): number {
  const nesting = new JsonNesting();
  const bytes = Buffer.from(json);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    nesting.scan(bytes.subarray(at, at + pieceBytes));
  }
  return nesting.deepest;
}

/** The definition. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('nesting is that of the parsed value, for any pieces', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(8), fc.boolean(), (value, pieceBytes, isPretty) => {
      const json = JSON.stringify(value, null, isPretty ? 2 : 0);
      t.is(nestingOf(json, pieceBytes + 1), depthOf(value));
    }),
    { seed: 1, numRuns: 300 },
  );
});

const nests = test.macro({
  exec(t, json: string, deepest: number) {
    t.is(nestingOf(json), deepest);
    t.is(nestingOf(json, 1), deepest);
  },
  title: (_, json, deepest) => `${json} nests ${deepest} deep`,
});
test(nests, '', 0);
test(nests, '{"a":"[[[[","b":[]}', 2);
test(nests, '["\\"[[[["]', 1);
test(nests, '["\\\\",[[]]]', 3);
test(nests, '{"user":1}\n{"user":[2]}\n', 2);

test('a quote without its other half hides no other line', (t) => {
  t.is(nestingOf('{"a":"x\n[[[[[]]]]]\n'), 6);
  t.is(nestingOf('"\\\n[[]]'), 0, 'an escaped line break goes with its line');
  t.is(nestingOf('"\r[[]]'), 2);
});
