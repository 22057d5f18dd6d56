import { referenceKernel } from '../../../../src/kernels/reference/reference-kernel.js';
import { kernelSuite } from '../../../helpers/suites/kernel-suite/kernel-suite.js';

// Summation order differs between the suite's dense formulas and the kernel's sparse ones.
const tolerance = 1e-11;
const solvers = ['cg', 'cholesky', 'subspace'] as const;

// Agreement with itself only shows that the kernel is deterministic, so the slow ranks are left out.
kernelSuite(referenceKernel, tolerance, solvers, (rank) => rank <= 64);
