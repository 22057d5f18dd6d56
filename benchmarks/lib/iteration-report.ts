import type { objective } from './cases.js';
import type { LossCheck } from './check-loss.js';
import { type Machine, machineLine } from './machine.js';
import { formatMebibytes, formatRatio, formatSeconds, markdownTable } from './markdown.js';
import { median, pairedRatio } from './measure.js';
import type { TrialResult } from './trial.js';

/** What libraries are compared at. */
export interface Setting {
  readonly caseName: string;
  readonly rank: number;
  readonly solver: string;
  readonly threads: number;
  readonly regularization: number;
  readonly regularizationExponent: number;
}

/** How one library did in one setting. */
export interface Outcome extends Setting, TrialResult {
  /** Seesaw only. */
  readonly kernel?: string;
  /** Of every round: median seconds of an iteration. Rounds of all libraries alternate. */
  readonly seconds: readonly number[];
}

export interface SpeedReport {
  readonly machine: Machine;
  readonly objective: typeof objective;
  readonly outcomes: readonly Outcome[];
  readonly lossCheck: LossCheck | undefined;
  readonly notices: readonly string[];
}

/** Losses that differ by more than this are not the same work. */
const equalLoss = 0.005;

/** The whole report as Markdown. */
export function reportSpeed(report: SpeedReport): string {
  const { machine, objective, outcomes, lossCheck, notices } = report;
  const { alpha, cgSteps } = objective;
  const parts = [
    speedTable(outcomes),
    `alpha ${alpha}, ${cgSteps} steps of cg; λ·n is λ times the row's ratings; s is seconds per ` +
      'iteration, the median over rounds; ratio is peer / Seesaw, the median of pairs (lowest–highest); ' +
      '≠ marks losses that differ by more than 0.5 %; MiB is the peak while training, and apart is ' +
      'Seesaw’s less the peer’s.',
    speedUpTable(outcomes),
    machineLine(machine, outcomes.map(versionOf)),
  ];
  if (lossCheck) {
    const { caseName, reported, recomputed } = lossCheck;
    parts.push(
      `Loss of ${caseName} as Seesaw reports it: ${reported}; from its factors in float64: ` +
        `${recomputed} (${relative(reported, recomputed).toExponential(1)} apart).`,
    );
  }
  return [...parts, ...notices.map((notice) => `**Notice:** ${notice}`)]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A line for each setting and peer; without peers, for each setting. */
function speedTable(outcomes: readonly Outcome[]): string {
  const heads = [
    ...['ratings', 'rank', 'solver', 'threads', 'λ', 'Seesaw s', 'MiB'],
    ...['peer', 'peer s', 'peer MiB', 'MiB apart', 'ratio', 'loss', 'peer loss', 'difference'],
  ];
  const rows = outcomes.filter(isSeesaw).flatMap((seesaw) => {
    const { caseName, rank, solver, threads, seconds, peakBytes } = seesaw;
    const start = [
      ...[caseName, `${rank}`, solver, `${threads}`, formatRegularization(seesaw)],
      ...[formatSeconds(median(seconds)), formatMebibytes(peakBytes)],
    ];
    const peers = outcomes.filter((other) => !isSeesaw(other) && sameSetting(other, seesaw));
    if (peers.length === 0)
      return [[...start, '–', '–', '–', '–', '–', formatLoss(seesaw), '–', '–']];
    return peers.map((peer) => [...start, ...comparison(seesaw, peer)]);
  });
  return markdownTable(heads, rows);
}

function comparison(seesaw: Outcome, peer: Outcome): string[] {
  const difference = relative(seesaw.loss!, peer.loss!);
  return [
    peer.library,
    formatSeconds(median(peer.seconds)),
    formatMebibytes(peer.peakBytes),
    formatMebibytes(seesaw.peakBytes - peer.peakBytes),
    formatRatio(pairedRatio(peer.seconds, seesaw.seconds)),
    formatLoss(seesaw),
    formatLoss(peer),
    `${Math.abs(difference) > equalLoss ? '≠ ' : ''}${(100 * difference).toFixed(4)} %`,
  ];
}

/** What more threads gain, for every library: seconds of one thread / seconds of n. */
function speedUpTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((many) => {
    const one = outcomes.find(
      (other) =>
        other.threads === 1 &&
        other.library === many.library &&
        sameSetting({ ...other, threads: many.threads }, many),
    );
    if (one === undefined || many.threads === 1) return [];
    const { caseName, rank, solver, threads, library } = many;
    const speedUp = formatRatio(pairedRatio(one.seconds, many.seconds));
    return [[caseName, `${rank}`, solver, library, `${threads}`, speedUp]];
  });
  const heads = ['ratings', 'rank', 'solver', 'library', 'threads', 'times as fast as one'];
  return rows.length === 0 ? '' : markdownTable(heads, rows);
}

function versionOf({ library, version, runtime, kernel }: Outcome): string {
  return `${library} ${version} on ${runtime}${kernel ? ` with ${kernel}` : ''}`;
}

function isSeesaw({ library }: Outcome): boolean {
  return library === 'seesaw';
}

const settingKeys = [
  ...['caseName', 'rank', 'solver', 'threads'],
  ...['regularization', 'regularizationExponent'],
] as readonly (keyof Setting)[];

function sameSetting(a: Setting, b: Setting): boolean {
  return settingKeys.every((key) => a[key] === b[key]);
}

/** `1`, `0.01·n`, `0.01·n^0.5` */
function formatRegularization({ regularization, regularizationExponent }: Setting): string {
  if (regularizationExponent === 0) return `${regularization}`;
  return `${regularization}·n${regularizationExponent === 1 ? '' : `^${regularizationExponent}`}`;
}

/** How much `value` lies above `other`, as a share of it. */
function relative(value: number, other: number): number {
  return (value - other) / other;
}

function formatLoss({ loss }: Outcome): string {
  return loss === undefined ? '–' : loss.toPrecision(8);
}
