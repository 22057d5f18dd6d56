import { RegionGroup } from '../arena.js';
import type { JobLayout } from '../kernels/job-layout.js';
import { isParted, type PartedLayout, type PartedSide } from '../kernels/parts/parted-layout.js';
import type { Job } from './job.js';

/** A job's layout with scratch memory for a given number of tasks at a time. */
export interface ScratchRegion {
  readonly layout: JobLayout | PartedLayout;
  /** Gives the scratch memory back. The layout must not be used afterwards. */
  release(): void;
}

/**
 * Scratch memory for `slots` tasks: the job's own, which it keeps, where that is enough, so that a
 * job can always go back to where it began; else a region beside it in each of its memories.
 *
 * Throws `MemoryLimitError`; nothing stays allocated then.
 */
export function scratchRegion({ layout, arenas }: Job, slots: number): ScratchRegion {
  const groups: RegionGroup[] = [];
  const release = (): void => {
    for (const group of groups) group.release();
  };
  const enlarge = (part: JobLayout): JobLayout => {
    if (slots <= part.scratch.slots) return part;
    const group = new RegionGroup(arenas.find(({ memory }) => memory === part.memory)!);
    groups.push(group);
    const offset = group.allocate(slots * part.scratch.slotBytes);
    return { ...part, scratch: { ...part.scratch, offset, slots } };
  };
  try {
    if (!isParted(layout)) return { layout: enlarge(layout), release };
    const side = (side: PartedSide): PartedSide => ({
      ...side,
      parts: side.parts.map((part) => ({ ...part, layout: enlarge(part.layout) })),
    });
    return { layout: { ...layout, user: side(layout.user), item: side(layout.item) }, release };
  } catch (error) {
    release();
    throw error;
  }
}
