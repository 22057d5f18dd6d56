import test from 'ava';
import { itemScores } from '../../../../src/kernels/wasm/item-scores.js';
import { scoreItems } from '../../../../src/model/ranking/score-items.js';
import { normalAt } from '../../../../src/random.js';

const areThoseOfTheDefinition = test.macro({
  exec(t, users: number, items: number, rank: number) {
    const draw = (rows: number, seed: number) =>
      Float32Array.from({ length: rows * rank }, (_, at) => normalAt(seed, 0, at));
    const itemFactors = draw(items, 1);
    const rows = Array.from({ length: users }, (_, user) => draw(1, 2 + user));

    const scores = Array.from(itemScores(itemFactors, rank, rows), (own) => own.slice());

    const expected = rows.map((row) => {
      const own = new Float32Array(items);
      scoreItems(row, itemFactors, rank, own);
      return own;
    });
    t.deepEqual(scores, expected);
  },
  title: (_, users: number, items: number, rank: number) =>
    `scores of ${users} users for ${items} items at rank ${rank} are those of the definition`,
});

test(areThoseOfTheDefinition, 1, 1, 1);
test(areThoseOfTheDefinition, 4, 8, 4);
test(areThoseOfTheDefinition, 7, 13, 3);
test(areThoseOfTheDefinition, 9, 102, 66);
test(areThoseOfTheDefinition, 0, 5, 2);
