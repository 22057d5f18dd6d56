/**
 * How near does the kernel come to what SIMD arithmetic alone reaches in the same Node?
 *
 *     node build/benchmarks/kernel-ceiling.js --quick
 *     node build/benchmarks/kernel-ceiling.js --cases 1m,20m --ranks 32,64,128,256
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Solver } from 'seesaw';
import { operationsOf } from '../src/kernels/select/operations.js';
import { defaultJobOptions } from '../src/training/options.js';
import { caseFiles } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median, secondsAfter } from './lib/measure.js';
import { runChild } from './lib/run-child.js';
import { seesawContender } from './lib/seesaw-contender.js';
import type { SimdCeiling } from './lib/simd-loop.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string', default: '64,128' },
    solvers: { type: 'string' },
    rounds: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const names = (flags.cases ?? (flags.quick ? '1m' : '1m,20m')).split(',');
const ranks = flags.ranks.split(',').map(Number);
const solvers = (flags.solvers ?? (flags.quick ? 'cg' : 'cg,cholesky')).split(',') as Solver[];
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const simdLoop = fileURLToPath(new URL('./lib/simd-loop.js', import.meta.url));
const seesaw = seesawContender({ placement: 'in-process' }, flags.node);

const results = [];
for (const caseName of names) {
  const known = caseNamed(caseName);
  const files = await caseFiles(known, ranks, objective.seed);
  for (const rank of ranks) {
    for (const solver of solvers) {
      const { flops, gatheredBytes } = operationsOf({
        ...known,
        ...objective,
        subspaceSize: defaultJobOptions.subspaceSize,
        ratings: known.count,
        rank,
        solver,
      });
      const pairs = [];
      for (let round = 0; round < rounds; round++) {
        const ceiling = await runChild<SimdCeiling>(flags.node, [simdLoop]);
        const result = await seesaw.run({
          ...files,
          ...objective,
          rank,
          solver,
          threads: 1,
          iterations: known.warmUp + known.measured,
          withLoss: false,
        });
        const seconds = secondsAfter(result.seconds, known.warmUp);
        process.stderr.write(`${caseName} ${rank} ${solver}: ${seconds.toPrecision(3)} s\n`);
        pairs.push({ seconds, ceiling, result });
      }
      const { ceiling, result } = pairs[0]!;
      results.push({
        ...{ caseName, rank, solver, flops, gatheredBytes },
        seconds: median(pairs.map((pair) => pair.seconds)),
        gigaflops: median(pairs.map((pair) => flops / pair.seconds / 1e9)),
        share: median(pairs.map((pair) => flops / pair.seconds / 1e9 / pair.ceiling.gigaflops)),
        ceiling: median(pairs.map((pair) => pair.ceiling.gigaflops)),
        version: `seesaw ${result.version} on ${result.runtime} with ${result.kernel}`,
        arithmetic: ceiling.arithmetic,
      });
    }
  }
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(
    `${JSON.stringify({ benchmark: 'kernel-ceiling', machine, objective, results })}\n`,
  );
} else {
  const rows = results.map((result) => [
    ...[result.caseName, `${result.rank}`, result.solver, formatSeconds(result.seconds)],
    (result.flops / 1e9).toFixed(1),
    result.gigaflops.toFixed(1),
    result.ceiling.toFixed(1),
    `${(100 * result.share).toFixed(0)} %`,
    (result.gatheredBytes / result.seconds / 1e9).toFixed(1),
  ]);
  const heads = [
    ...['ratings', 'rank', 'solver', 's', 'GFLOP', 'GFLOP/s'],
    ...['SIMD loop', 'share of it', 'gathered GB/s'],
  ];
  const versions = results.map((result) => `${result.version} (loop: ${result.arithmetic})`);
  process.stdout.write(
    `${markdownTable(heads, rows)}\n\nOne thread; ${machineLine(machine, versions)}\n`,
  );
}
