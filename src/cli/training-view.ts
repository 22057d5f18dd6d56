import type { IterationEvent, StartedEvent } from '../../dataflow/training/training-event.js';
import { asBytes, asCompact, asCount, asFigure, asPercent, asSeconds } from './figures.js';
import type { Paint } from './paint.js';

/** What the display of a training run is made of. */
export interface TrainingState {
  readonly started: StartedEvent;
  /** Those before a resumed run included. */
  readonly phasesDone: number;
  /** Of the last phase of each side. */
  readonly phaseSeconds: { readonly user: number; readonly item: number };
  /** Of all phases of this run. */
  readonly trainingSeconds: number;
  /** That had blocks in the last phase; 0 on one machine. */
  readonly nodes: number;
  readonly before: IterationEvent | undefined;
  readonly latest: IterationEvent | undefined;
}

const labelColumns = 12;
const cellColumns = 16;

/**
 * Five lines about a training run, six where it runs on nodes, at most `columns` wide where that is 56 or more.
 *
 *     iteration   9/15 ━━━━━━━━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0.240 s left
 *     RMSE        2.8313          validation  2.9110
 */
export function trainingView(state: TrainingState, columns: number, paint: Paint): string {
  const { started, phasesDone, phaseSeconds, trainingSeconds, nodes, latest, before } = state;
  const label = (text: string) => paint('dim', text.padEnd(labelColumns));
  const line = (...cells: readonly (readonly [name: string, figure: string])[]) =>
    cells
      .map(([name, figure]) => label(name) + figure.padEnd(cellColumns))
      .join('')
      .trimEnd();

  const phases = 2 * started.iterations;
  const count = `${Math.ceil(phasesDone / 2)}/${started.iterations}`;
  const phasesRun = phasesDone - 2 * (started.resumed?.iteration ?? 0);
  const secondsLeft = (trainingSeconds / Math.max(1, phasesRun)) * (phases - phasesDone);
  const note = phasesDone < phases ? `${asSeconds(secondsLeft)} left` : asSeconds(trainingSeconds);
  const barColumns = columns - labelColumns - count.length - note.length - 2;
  const bar = progressBar(phasesDone / phases, barColumns, paint);
  const lines = [`${label('iteration')}${count} ${bar} ${paint('dim', note)}`];
  if (latest === undefined) return lines.join('\n');

  const { validation, loss } = latest;
  const change = before && (loss.total - before.loss.total) / Math.abs(before.loss.total);
  lines.push(
    line(
      ['RMSE', asFigure(latest.rmse)],
      ...(validation ? ([['validation', asFigure(validation.rmse)]] as const) : []),
    ),
    line(
      ['loss', asCount(loss.total)],
      ...(change === undefined ? [] : ([['change', asPercent(change)]] as const)),
    ),
    line(
      ['user phase', asSeconds(phaseSeconds.user)],
      ['item phase', asSeconds(phaseSeconds.item)],
    ),
    line(['speed', `${asCompact(started.ratings / latest.seconds)} ratings/s`]),
    ...(nodes > 0
      ? [line(['nodes', String(nodes)], ['sent', asBytes(latest.broadcastBytes)])]
      : []),
  );
  return lines.join('\n');
}

/** A bar of `columns` characters, at least 4, filled by `share`, 0 to 1. */
export function progressBar(share: number, columns: number, paint: Paint): string {
  const length = Math.max(4, columns);
  const full = Math.round(share * length);
  return paint('cyan', '━'.repeat(full)) + paint('dim', '╌'.repeat(length - full));
}
