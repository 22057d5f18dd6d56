import { availableParallelism } from 'node:os';
import type { ProgramShape } from '../gpu/gpu-program.js';
import type { Solver } from '../kernel-names.js';
import { operationsOf } from './operations.js';

/** A job as a GPU sees it, before it is laid out. */
export interface GpuWork {
  readonly shape: ProgramShape;
  readonly solver: Solver;
  readonly nonnegative: boolean;
  readonly cgSteps: number;
  readonly iterations: number;
  /** Weights or targets that a GPU's float32 cannot square, as `found …; expected …`. */
  readonly extreme?: string | undefined;
}

/** What a core does of the plain algorithm with WASM; see the tables in benchmarks/README.md. */
const coreFlopsPerSecond = 25e9;

/**
 * What it takes to load Dawn, open a device, compile, test it and upload a job, roughly. Not measured
 * on a GPU yet: software Vulkan takes 0.3 s for all but the upload.
 */
const startSeconds = 2;

/** What no GPU kernel does, as `found …; expected …`; undefined if they do it. */
export function unsuitedTo({ solver, nonnegative, extreme }: GpuWork): string | undefined {
  if (solver !== 'cg') return `found solver '${solver}'; expected 'cg'`;
  if (nonnegative) return 'found nonnegative: true; expected false';
  return extreme;
}

/** Operations of the whole job; see `operationsOf`. */
export function flopsOf({ shape, solver, cgSteps, iterations }: GpuWork): number {
  return iterations * operationsOf({ ...shape, solver, cgSteps, subspaceSize: shape.rank }).flops;
}

/**
 * Whether a GPU may take less time than WASM on all cores of this processor: even one that needs no
 * time at all must save what it takes to start it.
 */
export function isWorthGpu(work: GpuWork, cores: number = availableParallelism()): boolean {
  return flopsOf(work) / (cores * coreFlopsPerSecond) > 2 * startSeconds;
}
