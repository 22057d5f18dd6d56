/**
 * How many seconds does an iteration take, beside other libraries on the same ratings?
 *
 *     node build/benchmarks/iteration-speed.js --quick
 *     node build/benchmarks/iteration-speed.js --cases 20m --ranks 64 --solvers cg --threads 1,2
 *     node build/benchmarks/iteration-speed.js --node ../node-26/bin/node --peers implicit,cmfrec
 *     node build/benchmarks/iteration-speed.js --cases 1m --ranks 64 --peers spark --iterations 20
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Solver } from 'seesaw';
import { caseFiles } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { checkLoss } from './lib/check-loss.js';
import { type Outcome, reportSpeed, type Setting } from './lib/iteration-report.js';
import { describeMachine } from './lib/machine.js';
import { orderOf, secondsAfter } from './lib/measure.js';
import { seesawContender } from './lib/seesaw-contender.js';
import type { Contender, Trial, TrialResult } from './lib/trial.js';
import { findPeers } from './peers/peers.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string', default: '64,128' },
    solvers: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    /** Names, or `none`; by default implicit and, unless it is to be quick, cmfrec. */
    peers: { type: 'string' },
    rounds: { type: 'string' },
    /** Iterations that count. */
    iterations: { type: 'string' },
    /** Another Node to run Seesaw with. */
    node: { type: 'string' },
    kernel: { type: 'string', default: 'auto' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** File for the JSON beside the tables, which `plot.ts` draws. */
    output: { type: 'string' },
  },
});
const caseNames = list(flags.cases ?? (flags.quick ? '1m' : '1m,20m'));
const ranks = list(flags.ranks).map(Number);
const solvers = list(flags.solvers ?? (flags.quick ? 'cg' : 'cg,cholesky')) as Solver[];
const threadCounts = list(flags.threads).map(Number);
const { peers, notices } = findPeers(
  list(flags.peers ?? (flags.quick ? 'implicit' : 'implicit,cmfrec')),
);
for (const notice of notices) tell(notice);
const kernel = flags.kernel as 'auto' | 'reference' | 'wasm';
const seesaw: Contender = seesawContender({ kernel }, flags.node);
/** Seesaw runs once for each objective, beside the peers that minimise the same. */
const contenders = [...new Set([...peers.map((peer) => peer.objective), objective])]
  .map((shared) => ({ shared, peers: peers.filter((peer) => peer.objective === shared) }))
  .filter((group) => group.peers.length > 0 || peers.length === 0)
  .flatMap(({ shared, peers }) =>
    [seesaw, ...peers].map((contender) => ({ contender, objective: shared })),
  );

const outcomes: Outcome[] = [];
for (const caseName of caseNames) {
  const { warmUp, measured, rounds } = plan(caseName);
  const files = await caseFiles(caseNamed(caseName), ranks, objective.seed);
  for (const rank of ranks) {
    for (const solver of solvers) {
      const variants = threadCounts.flatMap((threads) => {
        return contenders.map(({ contender, objective }) => {
          const { regularization, regularizationExponent } = objective;
          const λ = { regularization, regularizationExponent };
          return { contender, setting: { caseName, rank, solver, threads, ...λ } };
        });
      });
      const run = new Map(variants.map((variant) => [variant, [] as Outcome[]]));
      for (let round = 0; round < rounds; round++) {
        for (const variant of orderOf(variants, round)) {
          const { contender, setting } = variant;
          const trial: Trial = {
            ...files,
            ...objective,
            ...setting,
            iterations: warmUp + measured,
            withLoss: round === 0,
          };
          try {
            const result: TrialResult & { kernel?: string; kernelSeconds?: unknown } =
              await contender.run(trial);
            const { kernelSeconds: _, ...plain } = result;
            const typical = secondsAfter(plain.seconds, warmUp);
            run.get(variant)!.push({ ...setting, ...plain, seconds: [typical] });
            tell(`${labelOf(variant)}: ${typical.toPrecision(3)} s`);
          } catch (error) {
            // A peer that fails must not cost the hours of the others.
            tell(`${labelOf(variant)} failed: ${(error as Error).message}`);
          }
        }
      }
      for (const rounds of run.values()) if (rounds.length > 0) outcomes.push(merge(rounds));
    }
  }
}

const lossCheck = await checkLoss(caseNames[0]!, ranks[0]!, kernel);
const machine = describeMachine();
const report = { machine, objective, outcomes, lossCheck, notices };
const json = `${JSON.stringify({ benchmark: 'iteration-speed', ...report })}\n`;
if (flags.output !== undefined) writeFileSync(flags.output, json);
process.stdout.write(flags.json ? json : `${reportSpeed(report)}\n`);

function plan(caseName: string) {
  const known = caseNamed(caseName);
  return {
    warmUp: known.warmUp,
    measured: Number(flags.iterations ?? known.measured),
    rounds: Number(flags.rounds ?? (flags.quick ? Math.min(3, known.rounds) : known.rounds)),
  };
}

/** The rounds of one variant as one outcome. */
function merge(rounds: readonly Outcome[]): Outcome {
  return {
    ...rounds[0]!,
    seconds: rounds.flatMap((round) => round.seconds),
    peakBytes: Math.max(...rounds.map((round) => round.peakBytes)),
  };
}

function labelOf({ contender, setting }: { contender: Contender; setting: Setting }): string {
  const { caseName, rank, solver, threads } = setting;
  return [caseName, rank, solver, threads, contender.name].join(' ');
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '' && part !== 'none');
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
