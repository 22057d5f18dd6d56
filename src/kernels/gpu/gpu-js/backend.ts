import type { KernelSource } from './kernel-source.js';

/** Where kernels of gpu.js run, and where the arrays are that they read and write. */
export interface Backend {
  /** An array of zeros, `length` ≥ 1, in rows of `rowLength` elements if it has rows. */
  allocate(length: number, rowLength?: number): Resident;
  /** Copies numbers into an array, from element `at` on; returns the bytes. */
  upload(into: Resident, at: number, values: Float32Array): number;
  /** Copies the first `length` elements of an array into another one, from element `at` on. */
  copy(from: Resident, length: number, into: Resident, at: number): void;
  /**
   * Copies the first elements of an array to `into`, when what was asked for before is done.
   *
   * @param signal when it is raised nothing is written to `into` any more, and the promise rejects
   * @returns the bytes
   */
  read(from: Resident, into: Float32Array, signal: AbortSignal): Promise<number>;
  /** Compiles a kernel, when it is first run. */
  compile<Name extends string>(source: KernelSource<Name>): Run<Name>;
  /** Frees everything; nothing is under way. */
  close(): void;
}

/**
 * Runs a kernel on one thread an element of its result.
 *
 * @returns an array of `length` elements, in rows of `rowLength` if given; free it when nothing that
 * is still to be run reads it
 */
export type Run<Name extends string> = (
  size: { readonly length: number; readonly rowLength?: number },
  args: Readonly<Record<Name, Resident | number>>,
) => Promise<Resident>;

/** An array where the kernels run. */
export interface Resident {
  free(): void;
}
