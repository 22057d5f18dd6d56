/**
 * What do the actors and the stream cost over a bare loop around the kernel, and what do two
 * threads gain over one? With `--watch`: what does it cost a training to be watched?
 *
 *     node build/benchmarks/actor-overhead.js --quick
 *     node build/benchmarks/actor-overhead.js --cases 1m --ranks 64 --rounds 11
 *     node build/benchmarks/actor-overhead.js --watch --cases 1m,movielens-small --threads 1,2
 */

import { parseArgs } from 'node:util';
import type { Solver } from 'seesaw';
import { caseFiles } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatRatio, formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio, secondsAfter } from './lib/measure.js';
import { seesawContender } from './lib/seesaw-contender.js';
import type { SeesawSettings } from './lib/seesaw-settings.js';
import { measureWatching, watchTable } from './lib/watch-overhead.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '1m' },
    ranks: { type: 'string', default: '64' },
    solver: { type: 'string', default: 'cg' },
    rounds: { type: 'string' },
    iterations: { type: 'string' },
    node: { type: 'string' },
    kernel: { type: 'string', default: 'auto' },
    watch: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1,2' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const kernel = flags.kernel as NonNullable<SeesawSettings['kernel']>;
const variants = [
  { name: 'bare loop', placement: 'bare-loop', threads: 1 },
  { name: 'inProcess()', placement: 'in-process', threads: 1 },
  { name: 'threads(1)', placement: 'threads', threads: 1 },
  { name: 'threads(2)', placement: 'threads', threads: 2 },
] as const;

/** How one variant did, a number a round. */
interface VariantRounds {
  readonly name: string;
  readonly seconds: number[];
  /** Share of an iteration's wall time outside the kernel; NaN for the bare loop. */
  readonly outside: number[];
  readonly losses: Set<number>;
}

await (flags.watch ? reportWatching() : reportOverhead());

/** The actors and the stream beside a bare loop. */
async function reportOverhead(): Promise<void> {
  const versions: string[] = [];
  const results = [];
  for (const caseName of flags.cases.split(',')) {
    const known = caseNamed(caseName);
    const ranks = flags.ranks.split(',').map(Number);
    const files = await caseFiles(known, ranks, objective.seed);
    const rounds = Number(flags.rounds ?? (flags.quick ? 4 : 10));
    const measured = Number(flags.iterations ?? 2 * known.measured);
    for (const rank of ranks) {
      const run: VariantRounds[] = variants.map(({ name }) => ({
        name,
        seconds: [],
        outside: [],
        losses: new Set(),
      }));
      for (let round = 0; round < rounds; round++) {
        for (const variant of orderOf(variants, round)) {
          const { name, placement, threads } = variant;
          const result = await seesawContender({ kernel, placement }, flags.node).run({
            ...files,
            ...objective,
            rank,
            solver: flags.solver as Solver,
            threads,
            iterations: known.warmUp + measured,
            withLoss: true,
          });
          const { seconds, kernelSeconds, loss } = result;
          const mine = run[variants.indexOf(variant)]!;
          const outside = seconds.map((wall, at) => 1 - kernelSeconds[at]! / threads / wall);
          mine.seconds.push(secondsAfter(seconds, known.warmUp));
          mine.outside.push(secondsAfter(outside, known.warmUp));
          mine.losses.add(loss!);
          versions.push(`seesaw ${result.version} on ${result.runtime} with ${result.kernel}`);
          process.stderr.write(
            `${caseName} ${rank} ${name}: ${mine.seconds.at(-1)!.toPrecision(3)} s\n`,
          );
        }
      }
      if (new Set(run.flatMap(({ losses }) => [...losses])).size !== 1) {
        throw new Error(
          'the variants reached different losses; expected the same model everywhere',
        );
      }
      results.push({ caseName, rank, run });
    }
  }

  const machine = describeMachine();
  if (flags.json) {
    const plain = results.map(({ caseName, rank, run }) => ({
      caseName,
      rank,
      variants: run.map(({ name, seconds, outside }) => ({ name, seconds, outside })),
    }));
    process.stdout.write(
      `${JSON.stringify({ benchmark: 'actor-overhead', machine, objective, versions: [...new Set(versions)], results: plain })}\n`,
    );
  } else {
    const rows = results.flatMap(({ caseName, rank, run }) =>
      run.map(({ name, seconds, outside }) => [
        caseName,
        `${rank}`,
        name,
        formatSeconds(median(seconds)),
        formatRatio(pairedRatio(seconds, run[0]!.seconds)),
        name === 'bare loop' ? '–' : `${(100 * median(outside)).toFixed(2)} %`,
        formatRatio(pairedRatio(run[2]!.seconds, seconds)),
      ]),
    );
    const heads = [
      ...['ratings', 'rank', 'variant', 's', 'time / bare loop'],
      ...['outside the kernel', 'times as fast as threads(1)'],
    ];
    process.stdout.write(
      `${markdownTable(heads, rows)}\n\nsolver ${flags.solver}; ${machineLine(machine, versions)}\n`,
    );
  }
}

/** Pairs of runs, watched and not. */
async function reportWatching(): Promise<void> {
  const measured = await measureWatching({
    caseNames: flags.cases.split(','),
    ranks: flags.ranks.split(',').map(Number),
    solver: flags.solver as Solver,
    threads: flags.threads.split(',').map(Number),
    rounds: Number(flags.rounds ?? (flags.quick ? 2 : 6)),
    iterations: flags.iterations === undefined ? undefined : Number(flags.iterations),
    node: flags.node,
  });
  const machine = describeMachine();
  const versions = measured.map(({ version }) => version);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ benchmark: 'actor-overhead --watch', machine, objective, results: measured })}\n`
      : `${watchTable(measured)}\n\nsolver ${flags.solver}; ${machineLine(machine, versions)}\n`,
  );
}
