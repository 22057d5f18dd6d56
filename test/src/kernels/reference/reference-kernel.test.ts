import { referenceKernel } from '../../../../src/kernels/reference/reference-kernel.js';
import { kernelSuite } from '../../../helpers/suites/kernel-suite/kernel-suite.js';

// Summation order differs between the suite's dense formulas and the kernel's sparse ones.
kernelSuite(referenceKernel, 1e-11);
