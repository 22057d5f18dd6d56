/**
 * How far down does each solver take the loss, per iteration and per second?
 *
 *     node build/benchmarks/solver-quality.js --quick
 *     node build/benchmarks/solver-quality.js --cases 20m --ranks 1024 --iterations 5
 */

import { parseArgs } from 'node:util';
import type { Solver } from 'seesaw';
import { caseFiles } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { seesawContender } from './lib/seesaw-contender.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '1m' },
    ranks: { type: 'string' },
    solvers: { type: 'string', default: 'cg,cholesky,subspace' },
    iterations: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ranks = (flags.ranks ?? (flags.quick ? '64,256' : '64,256,512,1024')).split(',').map(Number);
const iterations = Number(flags.iterations ?? (flags.quick ? 5 : 15));
const seesaw = seesawContender({ placement: 'in-process' }, flags.node);

/** One solver's way down. */
interface Descent {
  readonly caseName: string;
  readonly rank: number;
  readonly solver: Solver;
  /** Of every iteration. */
  readonly seconds: readonly number[];
  /** After every iteration, over all cells. */
  readonly losses: readonly number[];
}

const results: Descent[] = [];
const versions: string[] = [];
for (const caseName of flags.cases.split(',')) {
  const files = await caseFiles(caseNamed(caseName), [], objective.seed);
  for (const rank of ranks) {
    for (const solver of flags.solvers.split(',') as Solver[]) {
      // The other two take ranks to 512.
      if (rank > 512 && solver !== 'subspace') continue;
      const trial = { ...files, ...objective, rank, solver, threads: 1, iterations };
      const result = await seesaw.run({ ...trial, withLoss: true });
      const { seconds, losses } = result;
      process.stderr.write(`${caseName} ${rank} ${solver}: ${median(seconds).toPrecision(3)} s\n`);
      versions.push(`seesaw ${result.version} on ${result.runtime} with ${result.kernel}`);
      results.push({ caseName, rank, solver, seconds, losses });
    }
  }
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(
    `${JSON.stringify({ benchmark: 'solver-quality', machine, objective, versions: [...new Set(versions)], results })}\n`,
  );
} else {
  const shown = [...[1, 2, 3, 5, 10].filter((iteration) => iteration < iterations), iterations];
  const rows = results.map((descent) => {
    const { caseName, rank, solver, seconds, losses } = descent;
    const lowest = Math.max(...rivals(descent).map((rival) => rival.losses.at(-1)!));
    return [
      ...[caseName, `${rank}`, solver, formatSeconds(median(seconds))],
      ...shown.map((iteration) => (losses[iteration - 1]! / 1e6).toFixed(4)),
      formatSeconds(secondsTo(lowest, descent)),
    ];
  });
  const heads = [
    ...['ratings', 'rank', 'solver', 's / iteration'],
    ...shown.map((iteration) => `loss after ${iteration}, 10⁶`),
    's to the loss all reach',
  ];
  process.stdout.write(
    `${markdownTable(heads, rows)}\n\nOne thread; ${machineLine(machine, versions)}\n`,
  );
}

/** All that descend on the same problem, this one included. */
function rivals({ caseName, rank }: Descent): readonly Descent[] {
  return results.filter((other) => other.caseName === caseName && other.rank === rank);
}

/** Seconds until the loss was first at most `loss`. */
function secondsTo(loss: number, { seconds, losses }: Descent): number {
  const reached = losses.findIndex((value) => value <= loss);
  return seconds.slice(0, reached + 1).reduce((sum, each) => sum + each, 0);
}
