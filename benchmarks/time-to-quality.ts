/**
 * How many seconds until a model is good? Until it has the loss that implicit has after 15 of its default
 * iterations, and until its NDCG@20 is 99.5 % of the best that any run here reaches, each library from a
 * start of its own. Clocks stand still while loss and NDCG are measured.
 *
 *     node build/benchmarks/time-to-quality.js --data 1m --ranks 64 --threads 1 --regularization 50
 *     node build/benchmarks/time-to-quality.js --data ratings.parquet --ranks 64 --regularization 150 --plot quality.svg
 *
 * Generated cases have nothing withheld, and no NDCG. `--plot` draws NDCG against seconds.
 */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawQuality, type QualityOutcome } from './lib/draw-quality.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio } from './lib/measure.js';
import { qualityFiles } from './lib/quality-files.js';
import type { QualityResult, QualityTrial } from './lib/quality-trial.js';
import { runChild } from './lib/run-child.js';
import { canImport, runPeerScript } from './peers/peers.js';

const { values: flags } = parseArgs({
  options: {
    /** A file of ratings, or the name of a generated case. */
    data: { type: 'string', default: '1m' },
    ranks: { type: 'string', default: '64,128' },
    threads: { type: 'string', default: '1,2' },
    alpha: { type: 'string', default: '4' },
    regularization: { type: 'string', default: '50' },
    contenders: { type: 'string', default: 'seesaw,implicit,implicit-cholesky,cmfrec' },
    rounds: { type: 'string', default: '3' },
    /** Of Seesaw and of exact solvers; implicit's CG makes 15 at least. */
    iterations: { type: 'string', default: '15' },
    'test-users': { type: 'string', default: '1000' },
    node: { type: 'string', default: process.execPath },
    plot: { type: 'string' },
    /** File for the JSON. */
    output: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** Iterations of implicit's default. */
const goalIterations = 15;
const list = (text: string) => text.split(',').filter((part) => part !== '');
const iterations = Number(flags.iterations);

type Run = (trial: QualityTrial) => Promise<QualityResult>;
const seesaw =
  (start?: 'random'): Run =>
  (trial) => {
    const script = fileURLToPath(new URL('./lib/quality-worker.js', import.meta.url));
    return runChild(flags.node, [script, JSON.stringify({ ...trial, cgSteps: 2, start })]);
  };
const peer =
  (library: string, solver: QualityTrial['solver']): Run =>
  (trial) =>
    runPeerScript('quality.py', { ...trial, library, solver });
const runs: Readonly<Record<string, Run>> = {
  seesaw: seesaw(),
  'seesaw-random': seesaw('random'),
  implicit: (trial) =>
    peer('implicit', 'cg')({ ...trial, iterations: Math.max(goalIterations, iterations) }),
  'implicit-cholesky': peer('implicit', 'cholesky'),
  cmfrec: peer('cmfrec', 'cholesky'),
  'cmfrec-cg': peer('cmfrec', 'cg'),
};
const contenders = list(flags.contenders).filter((name) => {
  if (runs[name] === undefined)
    throw new RangeError(`found contender ${name}; expected one of ${Object.keys(runs)}`);
  const library = name.split('-')[0]!;
  const isHere = library === 'seesaw' || canImport(library);
  if (!isHere) tell(`${name} is left out: pip install ${library}`);
  return isHere;
});

const files = await qualityFiles(flags.data);
const machine = describeMachine();
const settings = { alpha: Number(flags.alpha), regularization: Number(flags.regularization) };
const outcomes: QualityOutcome[] = [];
const versions = new Set<string>();
for (const rank of list(flags.ranks).map(Number)) {
  for (const threads of list(flags.threads).map(Number)) {
    const results = new Map<string, QualityResult[]>(contenders.map((name) => [name, []]));
    for (let round = 0; round < Number(flags.rounds); round++) {
      for (const name of orderOf(contenders, round)) {
        const result = await runs[name]!({
          ...files,
          ...settings,
          ...{ rank, threads, iterations, solver: 'cg', cgSteps: 3, seed: 42 },
          ...{ regularizationExponent: 0, testUsers: Number(flags['test-users']) },
        });
        results.get(name)!.push(result);
        versions.add(`${result.library} ${result.version} on ${result.runtime}`);
        tell(`${rank} ${threads} ${name}: ${result.seconds.at(-1)!.toPrecision(3)} s`);
      }
    }
    outcomes.push({ rank, threads, results: Object.fromEntries(results) });
  }
}

const report = { benchmark: 'time-to-quality', data: flags.data, settings, machine, outcomes };
const json = `${JSON.stringify(report)}\n`;
if (flags.output !== undefined) writeFileSync(flags.output, json);
if (flags.plot !== undefined) writeFileSync(flags.plot, drawQuality(outcomes));
process.stdout.write(
  flags.json ? json : `${tableOf()}\n\n${machineLine(machine, [...versions])}\n`,
);

function tableOf(): string {
  const rows = outcomes.flatMap(({ rank, threads, results }) => {
    const goals = (results.implicit ?? []).map(({ losses }) => losses[goalIterations - 1]!);
    const ndcgs = Object.values(results).flatMap((runs) => runs.flatMap(({ ndcgs }) => ndcgs));
    const goodNdcg = 0.995 * Math.max(...ndcgs);
    const toLoss = (name: string) =>
      (results[name] ?? []).map((run, round) =>
        reach(run, run.losses, (loss) => loss <= goals[round]!),
      );
    const toNdcg = (name: string) =>
      (results[name] ?? []).map((run) => reach(run, run.ndcgs, (ndcg) => ndcg >= goodNdcg));
    return contenders.map((name) => [
      `${rank}`,
      `${threads}`,
      name,
      ...[toLoss, toNdcg].flatMap((to) => {
        const [own, others] = [to(name), to('implicit')];
        const seconds = median(own.map(({ seconds }) => seconds));
        if (!Number.isFinite(seconds)) return ['', '', ''];
        const ratio = pairedRatio(
          others.map(({ seconds }) => seconds),
          own.map(({ seconds }) => seconds),
        ).median;
        return [
          formatSeconds(seconds),
          `${median(own.map(({ iteration }) => iteration))}`,
          Number.isFinite(ratio) ? ratio.toFixed(1) : '',
        ];
      }),
      ndcgs.length > 0 ? Math.max(...results[name]!.flatMap((run) => run.ndcgs)).toFixed(4) : '',
    ]);
  });
  const heads = ['rank', 'threads', 'who', 'to the loss', 'iterations', 'implicit / it'];
  return markdownTable(
    [...heads, 'to 99.5 % of NDCG@20', 'iterations', 'implicit / it', 'best NDCG@20'],
    rows,
  );
}

/** When a run was first there; never is infinitely late. */
function reach(
  { seconds }: QualityResult,
  values: readonly number[],
  isThere: (value: number) => boolean,
): { readonly seconds: number; readonly iteration: number } {
  const at = values.findIndex(isThere);
  const never = Number.POSITIVE_INFINITY;
  return at < 0
    ? { seconds: never, iteration: never }
    : { seconds: seconds[at]!, iteration: at + 1 };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
