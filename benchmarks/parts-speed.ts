/**
 * How much longer does an iteration take in parts than in one memory? Both must train to the same bits:
 * losses and errors are compared.
 *
 *     node build/benchmarks/parts-speed.js --quick
 *     node build/benchmarks/parts-speed.js --cases 20m --mebibytes 110 --rounds 5
 */

import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of, tap } from 'rxjs';
import {
  fromRatings,
  type Placement,
  paperSettings,
  type Ratings,
  type TrainingEvent,
  threads,
  train,
} from 'seesaw';
import { caseFiles, readColumns } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatRatio, formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio } from './lib/measure.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
    /** Of a part at most; default what makes four a side at rank 64, where known. */
    mebibytes: { type: 'string' },
    rounds: { type: 'string' },
    /** That count, after one to warm up. */
    iterations: { type: 'string', default: '4' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** What one run took; seconds are medians over its iterations, but for the first. */
interface Measured {
  readonly seconds: number;
  /** Inside the kernel: sum over blocks, shared out among the threads. */
  readonly kernel: number;
  /** Processor seconds an iteration. */
  readonly cpu: number;
  readonly copiedBytes: number;
  /** By side; 1 where nothing is copied. */
  readonly parts: { readonly user: number; readonly item: number };
  readonly losses: readonly number[];
}

type PhaseEvent = Extract<TrainingEvent, { type: 'phase' }>;

/** What one case and rank gave. */
interface Result {
  readonly name: string;
  readonly rank: number;
  readonly whole: readonly Measured[];
  readonly parted: readonly Measured[];
}

/** Bytes of a part that make four of each side. */
const fourParts: Record<string, number> = { '1m': 12, '20m': 110 };

const threadCount = Number(flags.threads);
const results: Result[] = [];
for (const name of (flags.cases ?? (flags.quick ? '1m' : '20m')).split(',')) {
  const partBytes = Number(flags.mebibytes ?? fourParts[name] ?? 100) * 1024 * 1024;
  for (const rank of flags.ranks.split(',').map(Number)) {
    results.push({ name, rank, ...(await compare(name, rank, partBytes)) });
  }
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'parts-speed', machine, results })}\n`);
} else {
  const heads = ['case', 'rank', 'parts', 'one memory, s', 'parts, s', 'ratio'];
  const more = ['ratio in kernels', 'ratio of CPU', 'copied, MiB'];
  const rows = results.map(({ name, rank, whole, parted }) => {
    const { user, item } = parted[0]!.parts;
    const ratioOf = (of: (run: Measured) => number) =>
      formatRatio(pairedRatio(parted.map(of), whole.map(of)));
    return [
      ...[name, `${rank}`, `${user} and ${item}`],
      ...[whole, parted].map((runs) => formatSeconds(median(runs.map(({ seconds }) => seconds)))),
      ...[ratioOf(({ seconds }) => seconds), ratioOf(({ kernel }) => kernel)],
      ...[ratioOf(({ cpu }) => cpu), formatMebibytes(parted[0]!.copiedBytes)],
    ];
  });
  const version = `Node ${process.versions.node}`;
  process.stdout.write(
    `${markdownTable([...heads, ...more], rows)}\n\n${machineLine(machine, [version])}\n`,
  );
}

/** Pairs of runs, in an order that turns round each time. Throws if their losses differ. */
async function compare(
  name: string,
  rank: number,
  partBytes: number,
): Promise<Pick<Result, 'whole' | 'parted'>> {
  const known = caseNamed(name);
  const ratings = await firstValueFrom(
    fromRatings(readColumns(await caseFiles(known, [rank], objective.seed))),
  );
  const whole: Measured[] = [];
  const parted: Measured[] = [];
  const variants = [
    { placement: () => threads(threadCount), runs: whole },
    { placement: () => inParts(partBytes), runs: parted },
  ];
  const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
  for (let round = 0; round < rounds; round++) {
    for (const { placement, runs } of orderOf(variants, round)) {
      const measured = await measure(ratings, rank, placement());
      runs.push(measured);
      process.stderr.write(`${name} ${rank} ${JSON.stringify(measured)}\n`);
      assert.deepEqual(measured.losses, whole[0]?.losses ?? measured.losses);
    }
  }
  return { whole, parted };
}

/** As for a job that is too large for one memory. */
function inParts(partBytes: number): Placement {
  return { ...threads(threadCount), partBytes };
}

async function measure(ratings: Ratings, rank: number, placement: Placement): Promise<Measured> {
  const { alpha, regularization, cgSteps, seed } = objective;
  const iterations = 1 + Number(flags.iterations);
  const seconds: number[] = [];
  const kernel: number[] = [];
  const copied: number[] = [];
  const losses: number[] = [];
  const parts = { user: 1, item: 1 };
  let inKernel = 0;
  let begun = process.cpuUsage();
  let spent = begun;
  const note = (event: TrainingEvent): void => {
    if (event.type === 'phase') {
      for (const block of event.blocks) inKernel += block.seconds;
      if (event.fullBroadcastBytes > 0) parts[event.side] = partsOf(event, ratings, rank);
    }
    if (event.type !== 'iteration') return;
    seconds.push(event.seconds);
    kernel.push(inKernel / threadCount);
    copied.push(event.broadcastBytes);
    losses.push(event.loss.total);
    inKernel = 0;
    if (event.iteration === 1) begun = process.cpuUsage();
    spent = process.cpuUsage(begun);
  };
  const options = {
    ...paperSettings,
    ...{ rank, iterations, alpha, regularization, cgSteps, seed, placement },
  };
  await lastValueFrom(of(ratings).pipe(train(options), tap(note)));
  const typical = (values: readonly number[]) => median(values.slice(1));
  return {
    ...{ seconds: typical(seconds), kernel: typical(kernel), copiedBytes: typical(copied) },
    cpu: (spent.user + spent.system) / 1e6 / (iterations - 1),
    ...{ parts, losses },
  };
}

/** How many parts copy: `fullBroadcastBytes` is the other side once for each of them. */
function partsOf({ side, fullBroadcastBytes }: PhaseEvent, ratings: Ratings, rank: number): number {
  const { rowCount } = side === 'user' ? ratings.byItem : ratings.byUser;
  const rowBytes = 4 * 4 * Math.ceil(rank / 4);
  return fullBroadcastBytes / (rowCount * rowBytes);
}
