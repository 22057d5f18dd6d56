import { withDeadline } from '../../../deadline.js';
import type { DeviceError } from '../../../errors.js';
import {
  openRanker,
  type RankingLayout,
  type RankingTask,
  rankScreened,
  viewWindow,
} from '../../wasm/ranking.js';
import type { Gpu } from '../device/gpu.js';
import { asDeviceError, onLoss, silenceError } from '../gpu-faults.js';
import { openScreen } from './screen.js';
import { batchOf, garbage, viewCandidates, writeKept } from './screen-batch.js';

/** A ranking job opened on a device. */
export interface GpuRanker {
  /**
   * As `Ranker.run`: the device screens, and what it keeps is scored as defined, in this thread and
   * in the first scratch region.
   *
   * Rejects with `DeviceError` if the device fails or answers what cannot be. Then nothing is written
   * to the job's memory any more, and other tasks reject too.
   *
   * @param slot 0 … slots − 1; no two running tasks share one
   */
  run(task: RankingTask, slot: number): Promise<boolean>;
  /** Waits for what is under way, unless the device is given up, and frees its memory. */
  close(): Promise<void>;
}

/** What a device ranks with. */
export interface GpuRankerOptions {
  /** How many tasks may be under way. */
  readonly slots: number;
  /** Seconds in which the device must have done a task. */
  readonly deadline: number;
}

/** Users of the first task whose lists are compared with those of the processor. */
const checkedUsers = 4;

/**
 * Uploads a job's candidates. The job is laid out for a device; its tasks must run in this thread.
 * Rejects with `DeviceError` if they do not fit the device, or it fails.
 *
 * @param open what screens
 */
export async function openGpuRanker(
  gpu: Gpu,
  layout: RankingLayout,
  { slots, deadline }: GpuRankerOptions,
  open = openScreen,
): Promise<GpuRanker> {
  const device = { deviceName: gpu.name, lost: gpu.lost, giveUp: gpu.giveUp };
  const candidates = viewCandidates(layout);
  const underWay = new Set<Promise<unknown>>();
  const leaving = new AbortController();
  let isChecked = false;
  let failure: DeviceError | undefined;
  const lost = new Promise<never>((_, reject) => {
    onLoss(device, leaving.signal, (error) => {
      failure ??= error;
      reject(error);
    });
  });
  // Tasks hear of it, if there are any.
  lost.catch(() => {});
  const { count, capacity, windows } = layout;
  const { users, ratings } = windows;
  const shape = { items: candidates.rows, count, capacity, users, ratings, slots };
  const screen = await inTime(open(gpu, shape));

  return {
    async run(task, slot) {
      try {
        return await rank(task, slot);
      } catch (error) {
        failure = asDeviceError(error, device);
        // Other work on it must not trust it either.
        gpu.giveUp(failure.message);
        throw failure;
      }
    },
    async close() {
      // What is silent, or gone, is left alone.
      await Promise.race([Promise.allSettled(underWay), lost.catch(() => {})]);
      leaving.abort();
      if (failure === undefined) screen.close();
    },
  };

  async function rank(task: RankingTask, slot: number): Promise<boolean> {
    if (failure !== undefined) throw failure;
    const window = viewWindow(layout, task.window);
    const { isHopeless, ...batch } = batchOf(layout, candidates, window, task.userCount);
    const work = screen.run(batch, slot);
    underWay.add(work);
    const keptItems = await inTime(work).finally(() => underWay.delete(work));
    // The lists are made by others now.
    if (failure !== undefined) throw failure;
    writeKept(layout, candidates, { batch, isHopeless, keptItems });
    // Up to the end in one turn: tasks share the scratch region and what was just written.
    if (!rankScreened(layout, task, 0)) return false;
    if (isChecked) return true;
    isChecked = true;
    return checkFirst(layout, task);
  }

  /** Rejects with a `DeviceError`, also if the device is lost meanwhile or silent for too long. */
  async function inTime<Result>(work: Promise<Result>): Promise<Result> {
    try {
      const either = Promise.race([work, lost]);
      return await withDeadline(either, deadline * 1000, () => silenceError(device, deadline));
    } catch (error) {
      throw asDeviceError(error, device);
    }
  }
}

/**
 * Compares the first lists with those of the processor, which stay. A device that sums right can
 * still have a compiler that gets the screen wrong.
 */
function checkFirst(layout: RankingLayout, task: RankingTask): boolean {
  const userCount = Math.min(checkedUsers, task.userCount);
  const lists = () => {
    const { lengths, positions, scores } = viewWindow(layout, task.window);
    const end = userCount * layout.count;
    return [lengths.slice(0, userCount), positions.slice(0, end), scores.slice(0, end)] as const;
  };
  const [lengths, positions, scores] = lists();
  if (!openRanker(layout).run({ ...task, userCount }, 0)) return false;
  const [rightLengths, rightPositions, rightScores] = lists();
  for (let user = 0; user < userCount; user++) {
    const end = user * layout.count + rightLengths[user]!;
    let isRight = lengths[user] === rightLengths[user];
    for (let at = user * layout.count; isRight && at < end; at++) {
      isRight = positions[at] === rightPositions[at] && Object.is(scores[at], rightScores[at]);
    }
    if (!isRight) throw garbage('a wrong list');
  }
  return true;
}
