import type { JobLayout } from '../kernels/kernel.js';
import type { Job } from './job.js';

/** A job's layout with scratch memory for as many tasks at a time as somebody wants. */
export interface ScratchRegion {
  readonly layout: JobLayout;
  /** Gives the scratch memory back. Nobody may use the layout afterwards. */
  release(): void;
}

/**
 * Scratch memory for `slots` tasks: the job's own, which it keeps, where that is enough, so that a
 * job can always go back to where it began; else a region beside it.
 *
 * Throws `MemoryLimitError`; nothing stays allocated then.
 */
export function scratchRegion({ layout, ratings: { arena } }: Job, slots: number): ScratchRegion {
  if (slots <= layout.scratch.slots) return { layout, release() {} };
  const offset = arena.allocate(slots * layout.scratch.slotBytes);
  return {
    layout: { ...layout, scratch: { ...layout.scratch, offset, slots } },
    release: () => arena.release(offset),
  };
}
