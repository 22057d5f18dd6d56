import type { GpuKernel } from '../../../../src/kernels/gpu-solver.js';
import type { Kernel } from '../../../../src/kernels/kernel.js';
import type { Solver } from '../../../../src/kernels/kernel-names.js';
import { testsAgreement } from './agrees-with-reference.js';
import { testsEmptyRows } from './empty-rows.js';
import { testsExactSolves } from './exact-solves.js';
import { testsRounding } from './rounding.js';
import { testsSums } from './sums.js';
import { testsTasks } from './tasks.js';
import type { TestedKernel } from './tested-kernel.js';

/** What a kernel of the processor solves by. */
const everySolver = ['cg', 'cholesky', 'subspace'] as const;

/**
 * The contract of a kernel. Every implementation runs it.
 *
 * @param tolerance of factors, relative in the Frobenius norm, after two iterations of a
 * well-conditioned problem; sums and losses are held to the same
 * @param solvers what the kernel solves by; one of a device has `cg` only
 * @param takesRank which of the ranks are tried; a driver can be slow to compile for each
 */
export function kernelSuite(
  kernel: Kernel | GpuKernel,
  tolerance: number,
  solvers: readonly Solver[] = everySolver,
  takesRank: (rank: number) => boolean = () => true,
): void {
  const title = (provided?: string) => `${kernel.name}: ${provided}`;
  const tested: TestedKernel = { kernel, tolerance, solvers, takesRank, title };
  testsAgreement(tested);
  testsRounding(tested);
  testsExactSolves(tested);
  testsEmptyRows(tested);
  testsSums(tested);
  testsTasks(tested);
}
