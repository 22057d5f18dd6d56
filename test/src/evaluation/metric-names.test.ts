import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import { parseMetric } from '../../../src/evaluation/metric-names.js';

test('a list metric says its cutoff, and higher is better', (t) => {
  t.deepEqual(parseMetric('hitRate@20'), { name: 'hitRate@20', k: 20, isLowerBetter: false });
  t.deepEqual(parseMetric('auc@5'), { name: 'auc@5', k: 5, isLowerBetter: false });
});

test('of errors the lower is better', (t) => {
  t.true(parseMetric('rmse').isLowerBetter);
  t.true(parseMetric('mae').isLowerBetter);
});

test('the exact AUC has no cutoff', (t) => {
  t.deepEqual(parseMetric('auc'), { name: 'auc', k: undefined, isLowerBetter: false });
});

const isUnknown = test.macro({
  exec(t, name: unknown) {
    t.throws(() => parseMetric(name as never), { instanceOf: InvalidOptionError });
  },
  title: (_, name: unknown) => `${String(name)} is no metric`,
});

for (const name of ['ndcg', 'NDCG@20', 'ndcg@0', 'ndcg@2.5', 'ndcg@20@3', 'rmse@3', '', 7]) {
  test(isUnknown, name);
}
