import type { TrialResult } from '../../dataflow/search/search-event.js';
import type { MetricName } from '../evaluation/metric-names.js';
import { asFigure, asSeconds } from './figures.js';
import { flagOf } from './flag-of.js';
import type { TriedOption } from './search-flags.js';

/** A trial of which the options are known, as values by name. */
export type ShownTrial = Pick<TrialResult<unknown>, 'trial' | 'score' | 'seconds'> & {
  readonly options: Readonly<Partial<Record<TriedOption, unknown>>>;
};

/**
 * Trials in the order given, one a line, with what they tried. Where the columns do not fit, options
 * stand as flags, which may be longer than a line.
 *
 *           ndcg@20  rank  regularization  trained in
 *       1.   0.2543    64              10     1.24 s
 */
export function leaderboardTable(
  trials: readonly ShownTrial[],
  varied: readonly TriedOption[],
  metric: MetricName,
  columns: number,
): string[] {
  const head = ['', metric, ...varied.map(flagOf), 'trained in'];
  const rows = trials.map(({ score, options, seconds }, i) => [
    `${i + 1}.`,
    asFigure(score),
    ...varied.map((name) => String(options[name])),
    asSeconds(seconds),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const width = widths.reduce((sum, own) => sum + own + 2, -2);
  if (width > columns) {
    return trials.map(
      (trial, i) =>
        `${`${i + 1}.`.padStart(3)} ${asFigure(trial.score)} ${asFlags(trial.options, varied)}`,
    );
  }
  return [head, ...rows].map((row) => row.map((text, i) => text.padStart(widths[i]!)).join('  '));
}

/** The options of a trial as they are typed: `--rank 64 --regularization 10`. */
export function asFlags(options: ShownTrial['options'], varied: readonly TriedOption[]): string {
  return varied.map((name) => `--${flagOf(name)} ${options[name]}`).join(' ');
}
