import type { Side } from '../../src/ratings/ratings.js';
import { type BlockPlan, planBlocks, secondsOfBlocks } from './block-plan.js';
import { defaultFigures } from './default-figures.js';
import { expectedIterations, iterationsBasis } from './expected-iterations.js';
import type { MachineFigures } from './machine-figures.js';
import { sharedCores, taskSeconds } from './message-seconds.js';
import { adviceFor } from './plan-advice.js';
import {
  type ClusterShape,
  type ResolvedCluster,
  type ResolvedShape,
  resolveCluster,
  resolveShape,
  type TrainingShape,
} from './plan-input.js';
import { nodeMemory, supervisorMemory } from './plan-memory.js';
import { rowArrival, type SolvedBlock } from './row-arrival.js';
import { addTraffic, type RowWay, sideTraffic, trafficOfWays, wayOf } from './row-traffic.js';
import { rotationCount, sequentialSeconds } from './sequential-seconds.js';
import type { TrainingPlan } from './training-plan.js';
import type { TransferResource } from './transfer-resources.js';

/**
 * What a job takes, before it runs: memory, bytes and seconds, from measured figures and without
 * ratings. See docs/scale.md for what is measured, counted and assumed.
 *
 * Throws `InvalidOptionError`.
 *
 * @param figures of the nodes' kind of machine, as `seesaw plan --calibrate` keeps them
 */
export function planTraining(
  shape: TrainingShape,
  cluster: ClusterShape = {},
  figures: MachineFigures = defaultFigures,
): TrainingPlan {
  return planResolved(resolveShape(shape), resolveCluster(cluster, figures), figures);
}

function planResolved(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
): TrainingPlan {
  const plan = planBlocks(shape, cluster, figures);
  const memory = nodeMemory(shape, cluster, plan);
  const supervisor = supervisorMemory(shape, cluster, plan);
  const traffic = (side: Side) => trafficOfWays(shape, cluster, plan, side);
  const [bothOfUsers, bothOfItems] = [traffic('user'), traffic('item')];
  const ways = { user: wayOf(cluster, bothOfUsers), item: wayOf(cluster, bothOfItems) };
  const [ofUsers, ofItems] = [bothOfUsers[ways.user], bothOfItems[ways.item]];
  const all = addTraffic([ofUsers, ofItems]);
  const phases = {
    user: phaseSeconds(shape, cluster, figures, plan, 'user', ways.user),
    item: phaseSeconds(shape, cluster, figures, plan, 'item', ways.item),
  };
  const sum = (name: 'solve' | 'messages' | 'wait' | 'transfer') =>
    phases.user[name] + phases.item[name];
  const { iterations } = shape;
  const sequential = sequentialSeconds(shape, cluster, plan, figures, memory);
  const parts = {
    solve: sum('solve'),
    wait: sum('wait'),
    transfer: sum('transfer'),
    copy: sequential.copy,
    gram: sequential.gram.user + sequential.gram.item,
    rotate: (sequential.rotate * rotationCount(shape)) / iterations,
    report: sequential.report.user + sequential.report.item + sum('messages'),
  };
  const iteration = Object.values(parts).reduce((total, part) => total + part, 0);
  const totalOf = (way: RowWay) => bothOfUsers[way].received + bothOfItems[way].received;
  const { users, items, ratings, rank, solver, start, cgSteps, subspaceSize } = shape;
  const startSeconds = start === 'sketch' ? sketchSeconds(shape, cluster, figures, plan) : 0;
  const blocks = { user: plan.blocks.user.length, item: plan.blocks.item.length };
  const largest = Object.entries(parts).reduce((most, each) => (each[1] > most[1] ? each : most));
  const slowerPhase = phases.user.transfer > phases.item.transfer ? phases.user : phases.item;
  const planned: Omit<TrainingPlan, 'advice'> = {
    shape: {
      users,
      items,
      ratings,
      rank,
      iterations,
      solver,
      start,
      cgSteps,
      subspaceSize,
      blocks,
    },
    cluster,
    figuresOf: figures.machine,
    fits: memory.total <= cluster.memoryBytes,
    memory: { ...memory, offered: cluster.memoryBytes, supervisor },
    bytes: {
      ways,
      broadcast: totalOf('broadcast'),
      routed: totalOf('routed'),
      perNode: all.received / cluster.nodes,
      throughServer: all.serverOut,
    },
    seconds: { iteration, ...parts },
    expectedIterations: { ...expectedIterations(solver, start), basis: iterationsBasis },
    startSeconds,
    totalSeconds: startSeconds + iteration * iterations,
    readSeconds: ratings / figures.readRatingsPerSecond.median,
    slowest: slowestOf(plan, phases),
    // The names of the parts are those of the seconds.
    bottleneck: (largest[0] === 'transfer'
      ? slowerPhase.carrier
      : largest[0]) as TrainingPlan['bottleneck'],
  };
  return { ...planned, advice: adviceFor(planned) };
}

/**
 * The arithmetic of starting factors: four phases that read every neighbour once, as two iterations of
 * conjugate gradient without a step would.
 */
function sketchSeconds(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
  { blocks }: BlockPlan,
): number {
  const reading = { ...shape, solver: 'cg', cgSteps: 0 } as const;
  let all = 0;
  for (const side of ['user', 'item'] as const) {
    const secondsOf = secondsOfBlocks(side, reading, cluster, figures);
    for (const block of blocks[side]) all += secondsOf(block);
  }
  return (2 * sharedCores(cluster, figures) * all) / (cluster.nodes * cluster.threads);
}

/** What a phase takes that solves one side and sends its rows. */
interface PhaseSeconds {
  readonly solve: number;
  /** What a thread does for messages of its tasks, on average. */
  readonly messages: number;
  readonly wait: number;
  readonly transfer: number;
  /** What carries its rows most slowly. */
  readonly carrier: TransferResource;
  /** By node: when its last task ends. */
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * Tasks of a node go to its threads as they become free. Rows travel from the first solved block on;
 * those that are still on their way after the last one make up `transfer`.
 */
function phaseSeconds(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
  plan: BlockPlan,
  side: Side,
  way: RowWay,
): PhaseSeconds {
  const { nodes, threads } = cluster;
  const ends = new Map<string, number>();
  const free = new Map(plan.nodes.map((node) => [node, new Array<number>(threads).fill(0)]));
  const traffics = sideTraffic(shape, cluster, plan, side, way);
  const solved: SolvedBlock[] = [];
  let [busy, messages] = [0, 0];
  for (const [block, node] of plan.owners.ownersOf(side).entries()) {
    const ofNode = free.get(node!)!;
    const thread = ofNode.indexOf(Math.min(...ofNode));
    const traffic = traffics[block]!;
    const seconds = taskSeconds(cluster, figures, plan.blocks[side][block]!, traffic);
    ofNode[thread]! += seconds.solve + seconds.messages;
    busy += seconds.solve;
    messages += seconds.messages;
    solved.push({ node: node!, at: ofNode[thread]!, traffic });
    ends.set(node!, Math.max(ends.get(node!) ?? 0, ofNode[thread]!));
  }
  const last = Math.max(...ends.values());
  const average = { solve: busy / (nodes * threads), messages: messages / (nodes * threads) };
  const wait = last - average.solve - average.messages;
  const arrival = rowArrival(solved, cluster, figures);
  const latency = 2 * figures.road.latencySeconds.median;
  const transfer = nodes === 1 ? 0 : latency + arrival.at - last;
  return { ...average, wait, transfer, carrier: arrival.carrier, ends };
}

function slowestOf(
  { blocks, nodes }: BlockPlan,
  phases: Readonly<Record<Side, PhaseSeconds>>,
): TrainingPlan['slowest'] {
  const secondsOf = (node: string) =>
    (phases.user.ends.get(node) ?? 0) + (phases.item.ends.get(node) ?? 0);
  const node = nodes.reduce((most, each) => (secondsOf(each) > secondsOf(most) ? each : most));
  const [block] = (['user', 'item'] as const)
    .flatMap((side) =>
      blocks[side].map(({ first, end, seconds }, block) => ({
        side,
        block,
        rows: end - first,
        seconds,
      })),
    )
    .sort((a, b) => b.seconds - a.seconds);
  return { node, seconds: secondsOf(node), block: block! };
}
