import { PlacementError } from '../src/errors.js';
import type { BlockTask } from '../src/kernels/kernel.js';
import { isParted } from '../src/kernels/parts/parted-layout.js';
import type { Job } from '../src/training/job.js';
import type { PhaseId } from '../src/training/phases.js';
import { type ScratchRegion, scratchRegion } from '../src/training/scratch-region.js';
import type { BlockResult } from './placements/block-result.js';
import type { Broadcast, ExecutorFault, JobExecutor, Placement } from './placements/placement.js';

/** A place that is open, and the scratch memory of its tasks. */
interface OpenPlace {
  readonly name: string;
  readonly place: JobExecutor;
  readonly room: ScratchRegion;
}

/**
 * Where a job's tasks run now. The first `moveTo` opens a place; a later one swaps it, and callers
 * of `solve` do not notice. Tasks must not be under way then.
 */
export class SwappableExecutor {
  readonly #job: Job;
  readonly #onFault: (fault: ExecutorFault) => void;
  #open: OpenPlace | undefined;
  #moving: Promise<unknown> = Promise.resolve();

  /** @param onFault called for each fault that does not stop the job */
  constructor(job: Job, onFault: (fault: ExecutorFault) => void) {
    this.#job = job;
    this.#onFault = onFault;
  }

  /** Name of the place, for people; empty before the first. */
  get name(): string {
    return this.#open?.name ?? '';
  }

  /**
   * Opens a place, then closes the one before. If the new one does not open, or its tasks have no
   * memory, the job stays where it is and the move rejects with the reason. One move at a time.
   */
  moveTo(placement: Placement): Promise<void> {
    const move = this.#swap(placement);
    this.#moving = move;
    return move;
  }

  /** As `JobExecutor.broadcast`. */
  broadcast(phase: PhaseId): Promise<Broadcast> {
    return this.#open!.place.broadcast(phase);
  }

  /** As `JobExecutor.solve`. */
  solve(task: BlockTask): Promise<BlockResult> {
    return this.#open!.place.solve(task);
  }

  /** As `JobExecutor.takeLateAnswers`. */
  takeLateAnswers(): number {
    return this.#open?.place.takeLateAnswers?.() ?? 0;
  }

  /** As `JobExecutor.close`; a move that is under way ends first. */
  async close(): Promise<void> {
    // The caller of `moveTo` gets the error.
    await this.#moving.catch(() => {});
    await leave(this.#open);
    this.#open = undefined;
  }

  async #swap(placement: Placement): Promise<void> {
    if (this.#job.layout.source !== undefined && !placement.readsRatings) {
      throw new PlacementError(
        `found a job whose ratings only workers read, and placement ${placement.name}; expected ` +
          'nodes(…); try to stay there',
      );
    }
    const { layout } = this.#job;
    const isSpread = isParted(layout) && layout.rated !== undefined;
    const openParts = isSpread
      ? placement.openSpread?.bind(placement)
      : placement.openParts?.bind(placement);
    if (isParted(layout) && openParts === undefined) {
      const expected = isSpread ? 'nodes(…)' : 'inProcess() or threads(n)';
      throw new PlacementError(
        `found a job in parts, too large for one memory, and placement ${placement.name}; expected ` +
          `${expected}; try to begin there, a lower rank or fewer ratings`,
      );
    }
    const room = scratchRegion(this.#job, placement.slots);
    const before = this.#open;
    try {
      const place = isParted(room.layout)
        ? await openParts!(room.layout, this.#onFault)
        : await placement.open(room.layout, this.#onFault);
      this.#open = { name: placement.name, place, room };
    } catch (error) {
      room.release();
      throw error;
    }
    await leave(before);
  }
}

async function leave(left: OpenPlace | undefined): Promise<void> {
  await left?.place.close();
  left?.room.release();
}
