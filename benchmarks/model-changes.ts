/**
 * How long does a model take to learn of further ratings, a new user, or why it recommends what it does?
 *
 *     node build/benchmarks/model-changes.js --quick
 *     node build/benchmarks/model-changes.js --cases 20m --ranks 64
 */

import { parseArgs } from 'node:util';
import { lastValueFrom, tap } from 'rxjs';
import { inProcess, paperSettings, type RatingRow, synthetic, train } from 'seesaw';
import { randomAt } from '../src/random.js';
import { type BenchmarkCase, caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '1m' },
    ranks: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ranks = (flags.ranks ?? (flags.quick ? '64' : '32,64,128')).split(',').map(Number);
const rounds = Number(flags.rounds ?? (flags.quick ? 5 : 11));

/** Processor milliseconds of one thing, in every round. */
interface Measured {
  readonly caseName: string;
  readonly rank: number;
  readonly what: string;
  readonly cpuMs: readonly number[];
}

async function measure(size: BenchmarkCase, rank: number): Promise<Measured[]> {
  const { name: caseName, users, items, count, seed } = size;
  const density = count / (users * items);
  const iterationMs: number[] = [];
  let beforeMs = 0;
  const last = await lastValueFrom(
    synthetic({ users, items, density, seed }).pipe(
      train({
        ...paperSettings,
        ...objective,
        rank,
        iterations: 1 + rounds,
        placement: inProcess(),
      }),
      tap((event) => {
        if (event.type === 'iteration') iterationMs.push(cpuMs() - beforeMs);
        if (event.type === 'started' || event.type === 'iteration') beforeMs = cpuMs();
      }),
    ),
  );
  if (last.type !== 'finished') throw new Error(`the last event is ${last.type}`);
  const { model } = last;
  const rows = (length: number, round: number): RatingRow[] =>
    Array.from({ length }, (_, at) => ({
      user: Math.floor(users * randomAt(round, 2 * at, length)),
      item: Math.floor(items * randomAt(round, 2 * at + 1, length)),
    }));
  const changes: Readonly<Record<string, (round: number) => unknown>> = {
    ...Object.fromEntries(
      [1, 10, 100, 1_000, 10_000].map((length) => [
        `partialFit of ${length.toLocaleString('en')} ratings`,
        (round: number) => model.partialFit(rows(length, round)),
      ]),
    ),
    'foldInUser of 100 ratings': (round) => model.foldInUser(rows(100, round)),
    explain: (round) => model.explain(round, round),
  };
  const measured = Object.entries(changes).map(([what, change]) => ({
    what,
    change,
    cpuMs: [] as number[],
  }));
  // The first round compiles, and sums the Gram matrices that the model then keeps.
  for (let round = 0; round <= rounds; round++) {
    for (const { change, cpuMs: taken } of measured) {
      const startMs = cpuMs();
      change(round);
      if (round > 0) taken.push(cpuMs() - startMs);
    }
  }
  return [
    { caseName, rank, what: 'an iteration of train', cpuMs: iterationMs.slice(1) },
    ...measured.map(({ what, cpuMs }) => ({ caseName, rank, what, cpuMs })),
  ];
}

/** Processor time of this process so far, all its threads together. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const results: Measured[] = [];
for (const name of flags.cases.split(',')) {
  for (const rank of ranks) results.push(...(await measure(caseNamed(name), rank)));
}
if (flags.json) {
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  const table = markdownTable(
    ['ratings', 'rank', 'what', 'median ms of processor time', 'slowest'],
    results.map(({ caseName, rank, what, cpuMs }) => [
      caseName,
      String(rank),
      what,
      median(cpuMs).toPrecision(3),
      Math.max(...cpuMs).toPrecision(3),
    ]),
  );
  const versions = [`seesaw on Node ${process.versions.node}`];
  process.stdout.write(`${table}\n\n${machineLine(describeMachine(), versions)}\n`);
}
