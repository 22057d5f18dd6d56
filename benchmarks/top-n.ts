/**
 * How long do the best items for every user take, seen ones left out, beside implicit?
 *
 *     node build/benchmarks/top-n.js --quick
 *     node build/benchmarks/top-n.js --cases 6m --ranks 64,128 --threads 1,2 --rounds 7
 *     node build/benchmarks/top-n.js --node ../node-26/bin/node
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseFiles } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { compareLists, type ListComparison } from './lib/compare-lists.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatRatio, formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio, secondsAfter } from './lib/measure.js';
import { runChild } from './lib/run-child.js';
import { seesawContender } from './lib/seesaw-contender.js';
import type { TopNResult, TopNTrial } from './lib/top-n-trial.js';
import { canImport, runPeerScript } from './peers/peers.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '6m' },
    ranks: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    count: { type: 'string', default: '20' },
    rounds: { type: 'string' },
    /** Passes that count, in each process. */
    passes: { type: 'string' },
    /** Another Node to run Seesaw with. */
    node: { type: 'string', default: process.execPath },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ranks = (flags.ranks ?? (flags.quick ? '64' : '32,64,128')).split(',').map(Number);
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const passes = 1 + Number(flags.passes ?? (flags.quick ? 1 : 3));
const count = Number(flags.count);
const worker = fileURLToPath(new URL('./lib/top-n-worker.js', import.meta.url));

interface Contender {
  readonly name: string;
  run(trial: TopNTrial): Promise<TopNResult>;
}
const contenders: Contender[] = [
  {
    name: 'seesaw',
    run: (trial) => runChild(flags.node, ['--expose-gc', worker, JSON.stringify(trial)]),
  },
];
if (canImport('implicit')) {
  contenders.push({
    name: 'implicit',
    run: (trial) => runPeerScript('implicit_top_n.py', trial),
  });
} else {
  process.stderr.write('implicit cannot be imported: it is left out; try pip install implicit\n');
}

/** How one library did in one setting, a number a round. */
interface Outcome {
  readonly caseName: string;
  readonly rank: number;
  readonly threads: number;
  readonly library: string;
  /** Products of a user and an item. */
  readonly products: number;
  readonly seconds: number[];
  peakBytes: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'seesaw-top-n-'));
const outcomes: Outcome[] = [];
const comparisons: (ListComparison & { caseName: string; rank: number; threads: number })[] = [];
const versions: string[] = [];
try {
  for (const caseName of flags.cases.split(',')) {
    for (const rank of ranks) await measure(caseName, rank);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
report();

async function measure(caseName: string, rank: number): Promise<void> {
  const files = await caseFiles(caseNamed(caseName), [rank], objective.seed);
  const factors = mkdtempSync(join(scratch, 'factors-'));
  await seesawContender({ factorsTo: factors }).run({
    ...files,
    ...objective,
    ...{ rank, solver: 'cg', threads: 2, iterations: 3, withLoss: false },
  });
  const variants = flags.threads.split(',').flatMap((threads) =>
    contenders.map((contender) => ({
      contender,
      outcome: {
        caseName,
        rank,
        threads: Number(threads),
        library: contender.name,
        products: files.users * files.items,
        seconds: [],
        peakBytes: 0,
      } as Outcome,
      listsTo: mkdtempSync(join(scratch, 'lists-')),
    })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { contender, outcome, listsTo } of orderOf(variants, round)) {
      const { threads, seconds } = outcome;
      const trial = { ...files, rank, factors, count, threads, passes };
      const result = await contender.run(round === 0 ? { ...trial, listsTo } : trial);
      seconds.push(secondsAfter(result.seconds, 1));
      outcome.peakBytes = Math.max(outcome.peakBytes, result.peakBytes);
      versions.push(`${result.library} ${result.version} on ${result.runtime}`);
      process.stderr.write(
        `${caseName} ${rank} ${threads} ${contender.name}: ${seconds.at(-1)!.toPrecision(3)} s\n`,
      );
    }
  }
  outcomes.push(...variants.map(({ outcome }) => outcome));
  for (let at = 0; contenders.length === 2 && at < variants.length; at += 2) {
    const [own, peer] = [variants[at]!, variants[at + 1]!];
    const { threads } = own.outcome;
    const compared = compareLists([own.listsTo, peer.listsTo], count);
    comparisons.push({ caseName, rank, threads, ...compared });
  }
}

function report(): void {
  const machine = describeMachine();
  if (flags.json) {
    const body = { benchmark: 'top-n', machine, count, outcomes, comparisons };
    process.stdout.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const rows = outcomes.map((outcome) => {
    const { caseName, rank, threads, library, seconds, products, peakBytes } = outcome;
    const own = outcomes.find(
      (other) =>
        other.library === 'seesaw' &&
        other.caseName === caseName &&
        other.rank === rank &&
        other.threads === threads,
    )!;
    const typical = median(seconds);
    return [
      ...[caseName, `${rank}`, `${threads}`, library, formatSeconds(typical)],
      ((2 * products * rank) / typical / 1e9).toFixed(1),
      library === 'seesaw' ? '–' : formatRatio(pairedRatio(seconds, own.seconds)),
      formatMebibytes(peakBytes),
    ];
  });
  const heads = ['ratings', 'rank', 'threads', 'library', 's', 'GFLOP/s', 'ratio', 'MiB'];
  const differences = comparisons.map(
    ({ caseName, rank, threads, users, otherItems, greatestDifference }) =>
      `Lists of ${caseName}, rank ${rank}, ${threads} threads: ${otherItems} of ${users} users have other ` +
      `items among equal scores; scores at most ${greatestDifference.toExponential(1)} apart.`,
  );
  const parts = [markdownTable(heads, rows), ...differences, machineLine(machine, versions)];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}
