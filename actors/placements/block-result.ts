import type { GpuTraffic } from '../../src/kernels/gpu-solver.js';
import type { BlockSums } from '../../src/kernels/kernel.js';

/** What a solved block reports. Its rows and their Gram matrix are in shared memory. */
export interface BlockResult {
  readonly sums: BlockSums;
  /** Time of the arithmetic alone. */
  readonly seconds: number;
  /** Where it ran, for people: `event loop`, `thread 3`. */
  readonly ranOn: string;
  /** How often the place handed it out, ≥ 1; unset for once. More where a node was lost or slow. */
  readonly handedOut?: number;
  /** Set where it ran on a GPU with memory of its own. */
  readonly traffic?: GpuTraffic;
}
