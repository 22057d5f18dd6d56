import test from 'ava';
import { scoreItems } from '../../../../src/model/ranking/score-items.js';
import { normalAt } from '../../../../src/random.js';

const scores = test.macro({
  exec(t, rows: number, rank: number) {
    const row = Float32Array.from({ length: rank }, (_, k) => normalAt(1, 0, k));
    const factors = Float32Array.from({ length: rows * rank }, (_, at) => normalAt(1, 1, at));
    const out = new Float32Array(rows);

    scoreItems(row, factors, rank, out);

    t.is(out.length, rows);
    for (let i = 0; i < rows; i++) {
      let dot = 0;
      for (let k = 0; k < rank; k++) dot += row[k]! * factors[i * rank + k]!;
      t.is(out[i], Math.fround(dot), `row ${i}`);
    }
  },
  title: (_, rows: number, rank: number) => `${rows} rows of rank ${rank} are scored by x·y`,
});

test(scores, 0, 4);
test(scores, 1, 1);
test(scores, 7, 3);
test(scores, 8, 64);
test(scores, 21, 5);
