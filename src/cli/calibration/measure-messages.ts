import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { isLoopback } from '../../../actors/placements/nodes/transport/hide-secrets.js';
import {
  type NatsOptions,
  serversOf,
} from '../../../actors/placements/nodes/transport/nats-options.js';
import { planBlocks } from '../../../actors/planning/block-plan.js';
import { defaultFigures } from '../../../actors/planning/default-figures.js';
import { fitTerms, type MeasuredTerms } from '../../../actors/planning/fit-seconds.js';
import {
  type MachineFigures,
  type MessageHandler,
  type RoadFigures,
  spreadOf,
} from '../../../actors/planning/machine-figures.js';
import { messageTerms } from '../../../actors/planning/message-seconds.js';
import {
  resolveCluster,
  resolveShape,
  shapeOfRatings,
} from '../../../actors/planning/plan-input.js';
import { addTraffic, type RowWay, sideTraffic } from '../../../actors/planning/row-traffic.js';
import type { Ratings } from '../../ratings/ratings.js';
import { syntheticRatings } from '../../ratings/synthetic-ratings.js';
import type { Probe } from './machine-speed.js';
import { observeRun } from './observe-run.js';
import { type Peer, serverSeconds } from './peers.js';

const iterations = 10;
/** Those after them count. */
const warmIterations = 3;

/** Few ratings, so that the rows and the messages cost most. */
const shapes = [
  { users: 1_500, items: 1_000, count: 15_000 },
  { users: 12_000, items: 6_000, count: 60_000 },
] as const;

/** A job whose messages are measured. */
export interface MessageCase {
  readonly workers: number;
  /** Number of one of the shapes above. */
  readonly shape: 0 | 1;
  readonly rank: number;
  readonly blocks: number;
  readonly routing: RowWay;
}

const usualCases: readonly MessageCase[] = [2, 4].flatMap((workers): MessageCase[] => [
  { workers, shape: 0, rank: 16, blocks: 8, routing: 'broadcast' },
  { workers, shape: 0, rank: 16, blocks: 64, routing: 'broadcast' },
  { workers, shape: 0, rank: 128, blocks: 32, routing: 'broadcast' },
  { workers, shape: 1, rank: 64, blocks: 12, routing: 'broadcast' },
  { workers, shape: 1, rank: 128, blocks: 24, routing: 'broadcast' },
  { workers, shape: 1, rank: 96, blocks: 24, routing: 'routed' },
]);

/** What is to be measured. */
export interface MessageSettings {
  readonly options: NatsOptions;
  /** Processes that can work, four at least. */
  readonly peers: readonly Peer[];
  readonly figures: Omit<MachineFigures, 'road'>;
  readonly stopped: AbortSignal;
  readonly probe: Probe;
  /** Those with fewer workers first. */
  readonly cases?: readonly MessageCase[];
}

/**
 * Trains small jobs on two and on four workers of this machine, and fits what the processors do besides
 * the arithmetic to the messages of each job. If the server is elsewhere, its own figures are those that
 * are known.
 */
export async function measureMessages(settings: MessageSettings): Promise<RoadFigures['messages']> {
  const { peers, options, stopped } = settings;
  const ratings = shapes.map((shape) => syntheticRatings({ ...shape, seed: 12 }));
  const isHere = serversOf(options).every(isLoopback);
  const measured: Record<MessageHandler, MeasuredTerms[]> = {
    supervisor: [],
    server: [],
    node: [],
  };
  let working: Peer[] = [];
  for (const each of settings.cases ?? usualCases) {
    stopped.throwIfAborted();
    const joining = peers.slice(working.length, each.workers);
    for (const peer of joining) {
      await peer.ask({ type: 'work', options, id: 'calibration', peer: peer.name });
    }
    working = [...working, ...joining];
    const { amounts, seconds } = await observe(ratings[each.shape]!, each, working, settings);
    for (const handler of Object.keys(measured) as MessageHandler[]) {
      const terms = messageTerms(handler, amounts);
      measured[handler].push({ terms, seconds: Math.max(1e-5, seconds[handler]) });
    }
  }
  return {
    supervisor: fitTerms(measured.supervisor),
    server:
      isHere && serverSeconds() !== undefined
        ? fitTerms(measured.server)
        : defaultFigures.road.messages.server,
    node: fitTerms(measured.node),
  };
}

/**
 * Processors' seconds of an iteration, without arithmetic, as they are at the usual speed, and the terms
 * that they are made of.
 */
async function observe(
  ratings: Ratings,
  { workers, rank, blocks, routing }: MessageCase,
  working: readonly Peer[],
  { options, figures, stopped, probe }: MessageSettings,
) {
  const spent: Promise<Record<MessageHandler, number>>[] = [];
  const together: number[] = [];
  let probing = 0;
  const counted: Probe = () => {
    const before = ownSeconds();
    const speed = probe();
    probing += ownSeconds() - before;
    together.push(speed.together);
    return speed;
  };
  const placement = nodes({ ...options, workers, routing, job: 'calibration' });
  const run = { rank, blocks, placement, iterations, stopped, cores: 'together' } as const;
  const onIteration = () => void spent.push(spentBy(working, ownSeconds() - probing));
  await observeRun(ratings, { ...run, probe: counted, onIteration });
  const sums = (await Promise.all(spent)).slice(warmIterations - 1);
  const shape = resolveShape({ ...shapeOfRatings(ratings), rank, blocks });
  const all: MachineFigures = { ...figures, road: defaultFigures.road };
  const cluster = resolveCluster({ nodes: workers, threads: 1, onOneMachine: true }, all);
  const plan = planBlocks(shape, cluster, all);
  const sides = (['user', 'item'] as const).flatMap((side) => plan.blocks[side]);
  const arithmetic = sides.reduce((sum, { seconds }) => sum + seconds, 0);
  const traffic = addTraffic(
    (['user', 'item'] as const).flatMap((side) => sideTraffic(shape, cluster, plan, side, routing)),
  );
  const amounts = { phases: 2, nodes: workers, tasks: sides.length, traffic };
  const slowness = spreadOf(together).median / figures.speed.together;
  const usual = (handler: 'supervisor' | 'node') =>
    spreadOf(sums.slice(1).map((after, at) => after[handler] - sums[at]![handler])).median;
  // The server's clock is too coarse for one iteration.
  const ofServer = (sums.at(-1)!.server - sums[0]!.server) / (sums.length - 1);
  return {
    amounts,
    seconds: {
      supervisor: usual('supervisor') / slowness,
      server: ofServer / slowness,
      node: usual('node') / slowness - arithmetic,
    },
  };
}

async function spentBy(
  working: readonly Peer[],
  supervisor: number,
): Promise<Record<MessageHandler, number>> {
  const server = serverSeconds() ?? 0;
  const replies = await Promise.all(working.map((peer) => peer.ask({ type: 'cpu' })));
  const node = replies.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return { supervisor, server, node };
}

/** Of the processors, for this process. */
function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
