import test from 'ava';
import {
  aucAtK,
  averagePrecisionAtK,
  hitAtK,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRankAtK,
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

test('results past k do not count', (t) => {
  t.is(recallAtK(hits, 3, 2), 1 / 2);
  t.is(precisionAtK(hits, 2), 1 / 2);
  t.is(ndcgAtK([false, false, true], 3, 2), 0);
  t.is(averagePrecisionAtK([false, false, true], 3, 2), 0);
  t.is(reciprocalRankAtK([false, false, true], 2), 0);
  t.is(hitAtK([false, false, true], 2), 0);
});

test('the reciprocal rank is that of the first hit', (t) => {
  t.is(reciprocalRankAtK(hits, 4), 1);
  t.is(reciprocalRankAtK([false, false, true, true], 4), 1 / 3);
  t.is(hitAtK([false, false, true, true], 4), 1);
});

test('AUC counts pairs among the results, and halves those that are not', (t) => {
  // 3 relevant, 7 irrelevant. Among the results one pair in two is right for rank 2, both for rank 4;
  // the 5 other irrelevant ones are below the 2 hits, and one half right against the third.
  t.is(aucAtK(hits, 3, 10, 4), (1 + 2 + 5 * 2.5) / (3 * 7));
  // A list of everything is exact: all pairs right but the one of ranks 2 and 3.
  t.is(aucAtK(hits, 2, 4, 4), 3 / 4);
});

test('AUC of a list without information is one half', (t) => {
  t.is(aucAtK([], 3, 10, 4), 1 / 2);
});

test('AUC without an irrelevant candidate is NaN', (t) => {
  t.is(aucAtK([true, true], 2, 2, 4), NaN);
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
