import test from 'ava';
import { operationsOf } from '../../../../src/kernels/select/operations.js';

const shape = { users: 3, items: 2, ratings: 5, rank: 4, cgSteps: 1, subspaceSize: 2 } as const;

test('operations of cg are those of its passes over neighbours and Gram matrix', (t) => {
  // Two passes: 2 phases × 5 ratings × 2 × 16, 5 rows × (2 × 32 + 40), Gram 5 × 20, errors 5 × 8.
  t.deepEqual(operationsOf({ ...shape, solver: 'cg' }), {
    flops: 320 + 520 + 100 + 40,
    gatheredBytes: 2 * 5 * 2 * 4 * 4,
  });
});

test('operations of cholesky are those of the outer products and the factorisation', (t) => {
  // 2 phases × 5 ratings × 28, 5 rows × (64/3 + 32), Gram 5 × 20, errors 5 × 8.
  const { flops, gatheredBytes } = operationsOf({ ...shape, solver: 'cholesky' });

  t.true(Math.abs(flops - (280 + 5 * (64 / 3 + 32) + 100 + 40)) < 1e-9);
  t.is(gatheredBytes, 2 * 5 * 4 * 4);
});

test('operations of subspace are those of its systems and predictions', (t) => {
  // 2 phases × 5 ratings × (8 + 28), 5 rows × (32 + 16/3 + 16), Gram 5 × 20, errors 5 × 8.
  const { flops, gatheredBytes } = operationsOf({ ...shape, solver: 'subspace' });

  t.true(Math.abs(flops - (360 + 5 * (48 + 16 / 3) + 100 + 40)) < 1e-9);
  t.is(gatheredBytes, 2 * 2 * 5 * 4 * 4);
});
