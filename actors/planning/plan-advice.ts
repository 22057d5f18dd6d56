import { maxBlockCount } from '../../src/ratings/blocks.js';
import { partLimit } from './plan-memory.js';
import type { TrainingPlan } from './training-plan.js';
import type { TransferResource } from './transfer-resources.js';

/** What holds a job up, and what to change, in sentences. */
export function adviceFor(plan: Omit<TrainingPlan, 'advice'>): string[] {
  const { cluster, memory, seconds, bytes, shape } = plan;
  const advice: string[] = [];
  const { nodes } = cluster;
  const threads = nodes * cluster.threads;
  const blocks = Math.min(shape.blocks.user, shape.blocks.item);
  if (!plan.fits) {
    const wanted = Math.max(nodes + 1, Math.ceil((nodes * memory.total) / memory.offered));
    advice.push(
      `A node needs ${asGigabytes(memory.total)} and has ${asGigabytes(memory.offered)}: take about ` +
        `${wanted} nodes, nodes with more memory, or a lower rank.`,
    );
  }
  if (16 * shape.ratings > partLimit) {
    advice.push(
      'One memory of 4 GiB takes some 260 million ratings: let workers read them into parts ' +
        "(`readBy: 'workers'`, `--read-by-workers`).",
    );
  }
  if (memory.supervisor > memory.offered) {
    advice.push(
      `The supervisor needs ${asGigabytes(memory.supervisor)}, since the rows travel through it.`,
    );
  }
  if (blocks < threads) {
    advice.push(
      `${threads} threads have ${blocks} blocks a side to solve: the others wait. ` +
        (blocks >= maxBlockCount
          ? `A job has at most ${maxBlockCount} blocks a side: take fewer nodes.`
          : `Take more blocks, up to ${maxBlockCount}.`),
    );
  }
  if (shape.blocks.user > maxBlockCount || shape.blocks.item > maxBlockCount) {
    advice.push(`A job has at most ${maxBlockCount} blocks a side; this plan shows more.`);
  }
  if (seconds.transfer > seconds.solve) {
    advice.push(...adviceOnTransfers(plan));
  } else if (seconds.wait > seconds.solve) {
    const { side, block, rows } = plan.slowest.block;
    advice.push(
      rows === 1
        ? `One ${side} has more to solve than a thread's share, and a row is not split: more threads do not help.`
        : `Threads wait for ${side} block ${block}: take more blocks, or fewer threads.`,
    );
  }
  if (bytes.routed < 0.5 * bytes.broadcast && cluster.routing === 'broadcast') {
    advice.push(
      `Routing would send ${asGigabytes(bytes.routed)} instead of ${asGigabytes(bytes.broadcast)}.`,
    );
  }
  return advice;
}

function adviceOnTransfers({ bottleneck, cluster, seconds }: Omit<TrainingPlan, 'advice'>) {
  const [part, whole] = [seconds.transfer, seconds.iteration].map((each) =>
    Number(each.toPrecision(2)),
  );
  const rows = `Rows travel for ${part} s of ${whole} s.`;
  const carrier = bottleneck as TransferResource;
  if (carrier === 'nodes receive' || carrier === 'nodes send') {
    return [
      `${rows} Take fewer nodes with more threads and memory each, faster cards, or a lower rank.`,
    ];
  }
  return [
    `${rows} ${sentences[carrier] ?? ''} Take fewer nodes with more threads each` +
      (cluster.road === 'server'
        ? '; transfers from node to node would not pass there (not built).'
        : '.'),
  ];
}

const sentences: Partial<Record<TransferResource, string>> = {
  'server receives': 'All of them go through the card of one server.',
  'server sends': 'One server delivers all of them.',
  'supervisor receives': 'All of them go to the supervisor.',
  'supervisor sends': 'The supervisor sends those that not all nodes need.',
  'server handles messages': 'One server handles the messages of all nodes.',
  'supervisor handles messages': 'The supervisor handles a message for each piece and receiver.',
};

function asGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}
