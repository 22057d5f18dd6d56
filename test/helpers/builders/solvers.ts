import type { JobOptions } from '../../../src/training/options.js';

/** Every way of the kernels to solve a row. */
export const solvers: Readonly<Record<string, JobOptions>> = {
  'conjugate gradient': { solver: 'cg', alpha: 2 },
  'conjugate gradient with biases': { solver: 'cg', feedback: 'explicit' },
  Cholesky: { solver: 'cholesky', alpha: 2, regularization: 1 },
  'Cholesky with biases': { solver: 'cholesky', feedback: 'explicit', regularization: 1 },
  'nonnegative rows': { solver: 'cholesky', nonnegative: true, alpha: 2 },
  subspaces: { solver: 'subspace', subspaceSize: 8, alpha: 2, regularization: 1 },
  'large subspaces': { solver: 'subspace', subspaceSize: 128, alpha: 2, regularization: 1 },
  'subspaces with biases': { solver: 'subspace', feedback: 'explicit', regularization: 1 },
};
