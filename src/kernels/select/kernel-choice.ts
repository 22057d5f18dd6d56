import type { KernelTraits } from '../kernel.js';

/** A kernel, and for people why it is that one. */
export interface KernelChoice {
  readonly kernel: KernelTraits;
  readonly reason: string;
}
