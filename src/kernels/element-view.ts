import type { JobLayout } from './job-layout.js';

/** View of `length` elements in a job's memory, from byte `offset` on. */
export function elementView(
  { memory, elementBytes }: Pick<JobLayout, 'memory' | 'elementBytes'>,
  offset: number,
  length: number,
): Float32Array | Float64Array {
  return elementBytes === 8
    ? new Float64Array(memory.buffer, offset, length)
    : new Float32Array(memory.buffer, offset, length);
}
