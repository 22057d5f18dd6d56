import test from 'ava';
import {
  averagePrecisionAtK,
  ndcgAtK,
  precisionAtK,
  recallAtK,
} from '../../../src/evaluation/ranking-metrics.js';

// Ranks 1 and 3 of 4 are relevant.
const hits = [true, false, true, false];

test('recall divides by the relevant items when they fit into k', (t) => {
  t.is(recallAtK(hits, 3, 4), 2 / 3);
});

test('recall divides by k when more items are relevant', (t) => {
  t.is(recallAtK(hits, 10, 4), 2 / 4);
});

test('precision divides by k, also when the list is shorter', (t) => {
  t.is(precisionAtK(hits, 4), 2 / 4);
  t.is(precisionAtK(hits, 10), 2 / 10);
});

test('NDCG discounts by the rank and compares with the ideal list', (t) => {
  // 1/log2(2) + 1/log2(4) = 1.5 against 1/log2(2) + 1/log2(3) + 1/log2(4) = 2.130930.
  t.is(ndcgAtK(hits, 3, 4), 1.5 / (1 + 1 / Math.log2(3) + 0.5));
  // With k = 2 the ideal list has two hits.
  t.is(ndcgAtK([true, false], 3, 2), 1 / (1 + 1 / Math.log2(3)));
});

test('average precision takes the precision at every hit', (t) => {
  // (1/1 + 2/3) / 3
  t.is(averagePrecisionAtK(hits, 3, 4), (1 + 2 / 3) / 3);
});

test('hits only at the first ranks reach 1 in everything but precision', (t) => {
  const best = [true, true, false, false];

  t.is(recallAtK(best, 2, 4), 1);
  t.is(ndcgAtK(best, 2, 4), 1);
  t.is(averagePrecisionAtK(best, 2, 4), 1);
  t.is(precisionAtK(best, 4), 0.5);
});

test('no hits are 0 in everything', (t) => {
  t.is(recallAtK([], 2, 4), 0);
  t.is(precisionAtK([], 4), 0);
  t.is(ndcgAtK([false], 2, 4), 0);
  t.is(averagePrecisionAtK([false], 2, 4), 0);
});
