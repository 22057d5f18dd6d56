import { blockWeights } from '../../../actors/placements/nodes/scheduling/block-owners.js';
import { MemoryPlan } from '../../../actors/placements/nodes/scheduling/memory-plan.js';
import {
  NodeRooms,
  type RoomyNode,
} from '../../../actors/placements/nodes/scheduling/node-rooms.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { shapeOf } from '../../../src/kernels/lay-out-job.js';
import type { WholeJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { jobFor } from '../probes/runs.js';
import { randomRatings } from './jobs.js';

/** One-thread workers that offer so many bytes, and hold parts of a job. */
export function roomyNodes(count: number, memory: number): RoomyNode[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ inParts: true, parts: [] },
    hello: { worker: `${at}`, threads: 1, memory },
  }));
}

/** @param memoryBytes what a part takes at most; default what WebAssembly addresses */
export function roomsFor({ layout }: WholeJob, memoryBytes?: number): NodeRooms {
  return new NodeRooms(new MemoryPlan(layout, shapeOf(layout), memoryBytes), blockWeights(layout));
}

/** The least bytes that each of so many one-thread workers must offer for a job to fit them. */
export function leastMemory(job: WholeJob, count: number): number {
  const rooms = roomsFor(job);
  let [low, high] = [0, 2 ** 33];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (rooms.shortage(roomyNodes(count, middle)) === undefined) high = middle;
    else low = middle;
  }
  return high;
}

/** Ratings of a job that is larger than what one of three workers must offer. */
export const sparseRatings = randomRatings({ users: 2000, items: 1000, density: 0.01 });

/** A job of them that three workers share. */
export const sharedJob: JobOptions = { rank: 12, iterations: 4, blocks: 12, start: 'sketch' };

/** What each of three one-thread workers must offer for it. */
export function memoryOfThree(options: JobOptions = sharedJob, ratings = sparseRatings): number {
  return leastMemory(jobFor(ratings, options, threads(2)), 3);
}
