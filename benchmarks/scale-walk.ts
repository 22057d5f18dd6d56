/**
 * The tables of docs/scale.md: what limits a job from one machine to 10,000 nodes, by plans and by
 * simulations.
 *
 *     node build/benchmarks/scale-walk.js
 *     node build/benchmarks/scale-walk.js --simulate 10000
 */

import { parseArgs } from 'node:util';
import { type ClusterShape, planTraining, simulateTraining, type TrainingShape } from 'seesaw';
import { markdownTable } from './lib/markdown.js';

const { values: flags } = parseArgs({
  options: {
    /** Nodes that are simulated, separated by commas; most of all 10000, which takes a minute. */
    simulate: { type: 'string', default: '100,1000' },
  },
});

const small = { users: 1e6, items: 2e5, ratings: 1e8 };
const medium = { users: 1e7, items: 1e6, ratings: 1e9 };
const spotify = { users: 320e6, items: 70e6, ratings: 30e9 };
/** Edges between pages, at the rank of ALX; its rows are as long as usual ones here. */
const alx = { users: 365e6, items: 365e6, ratings: 30e9, rank: 128 };
const threads = 16;
const direct = (nodes: number): ClusterShape => ({ nodes, threads, road: 'direct' });
const server = (nodes: number): ClusterShape => ({ nodes, threads });

const walk: readonly (readonly [string, TrainingShape, ClusterShape])[] = [
  ['100 M, 1 M × 200 K', small, { threads }],
  ['100 M, 1 M × 200 K', small, server(4)],
  ['1 B, 10 M × 1 M', medium, { threads }],
  ['1 B, 10 M × 1 M', medium, server(10)],
  ['1 B, 10 M × 1 M', medium, direct(10)],
  ['30 B, 320 M × 70 M', spotify, server(100)],
  ['30 B, 320 M × 70 M', { ...spotify, blocks: 1600 }, direct(100)],
  ['30 B, 320 M × 70 M', spotify, server(1000)],
  ['30 B, 320 M × 70 M', { ...spotify, blocks: 16_000 }, direct(1000)],
  [
    'the same, a hit of 100 M ratings',
    { ...spotify, blocks: 16_000, longestItemRow: 1e8 },
    direct(1000),
  ],
  ['30 B, 320 M × 70 M', { ...spotify, blocks: 160_000 }, direct(10_000)],
  ['ALX: 30 B, 365 M × 365 M, rank 128', { ...alx, blocks: 4096 }, direct(256)],
];
const gigabytes = (bytes: number) => (bytes / 1e9).toPrecision(3);
const seconds = (value: number) => `${Number(value.toPrecision(3))}`;
const heads = [
  ...['ratings, users × items', 'machines', 'blocks', 'rows', 'memory a node', 'into a node'],
  ...['out of the server', 'seconds: all', 'arithmetic', 'wait', 'transfer', 'report', 'limit'],
];
const rows = walk.map(([name, shape, cluster]) => {
  const { memory, bytes, bottleneck, seconds: of, ...plan } = planTraining(shape, cluster);
  const { nodes, road } = plan.cluster;
  return [
    ...[name, `${nodes}`, `${plan.shape.blocks.user}`, nodes > 1 ? road : ''],
    ...[gigabytes(memory.total), gigabytes(bytes.perNode), gigabytes(bytes.throughServer)],
    ...[of.iteration, of.solve, of.wait, of.transfer, of.report].map(seconds),
    bottleneck,
  ];
});
process.stdout.write(`${markdownTable(heads, rows)}\n\n`);

const simulated = flags.simulate.split(',').map((text) => {
  const nodes = Number(text);
  const shape = { ...spotify, blocks: threads * nodes };
  const start = performance.now();
  const { iterations } = simulateTraining(shape, direct(nodes), { iterations: 2 });
  const own = (performance.now() - start) / 1000;
  const planned = planTraining(shape, direct(nodes)).seconds;
  return [
    ...[text, `${shape.blocks}`, seconds(planned.iteration - planned.rotate)],
    ...[iterations.map(seconds).join(', '), seconds(own)],
  ];
});
process.stdout.write(
  `${markdownTable(['nodes, direct', 'blocks', 'planned', 'simulated', 'simulating took'], simulated)}\n`,
);
