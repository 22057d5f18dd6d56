import type { ExecutionContext } from 'ava';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import type { JobOptions } from '../../../src/training/options.js';
import {
  memoryOfThree,
  roomsFor,
  roomyNodes,
  sharedJob,
  sparseRatings,
} from '../builders/node-memory.js';
import { peakBytesOf } from '../probes/peak-memory.js';
import { jobFor, type RunOutcome, runToEnd } from '../probes/runs.js';
import { natsServer, workerProcess } from '../programs/nats.js';

/**
 * Three workers of which no two could hold the job give the bits of two threads, and none takes more
 * memory than it offers.
 */
export async function threeNodesAgree(
  t: ExecutionContext,
  options: JobOptions,
  ratings = sparseRatings,
): Promise<void> {
  const all: JobOptions = { ...sharedJob, ...options };
  const job = jobFor(ratings, all, threads(2));
  const memory = memoryOfThree(all, ratings);
  t.true(roomsFor(job).isTooSmall({ worker: '', threads: 1, memory }));
  t.truthy(roomsFor(job).shortage(roomyNodes(2, memory)));
  const { url: servers } = await natsServer(t);
  const workers = [];
  for (const name of ['alpha', 'beta', 'gamma']) {
    workers.push(await workerProcess(t, servers, name, '--memory', `${memory}`));
  }

  const expected = await runToEnd(ratings, all, threads(2));
  const placement = nodes({ servers, workers: 3, lostAfter: 30 });
  const outcome = await runToEnd(ratings, all, placement);

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, expected.factors);
  t.deepEqual(placesOf(outcome), ['alpha', 'beta', 'gamma']);
  for (const { pid } of workers) {
    const peak = peakBytesOf(pid!) ?? 0;
    t.true(peak < memory, `${peak} bytes of ${memory} offered`);
  }
}

/** Names of the nodes that solved blocks. */
function placesOf({ events }: RunOutcome): string[] {
  const phases = events.filter((event) => event.type === 'phase');
  const places = phases.flatMap(({ blocks }) => blocks.map(({ ranOn }) => ranOn.split(',')[0]!));
  return [...new Set(places)].sort();
}
