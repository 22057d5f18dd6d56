import type { IterationEvent, StartedEvent } from '../../dataflow/training/training-event.js';
import { asBytes, asCompact, asFigure, asLoss, asPercent, asSeconds } from './figures.js';
import type { Paint } from './paint.js';

/** A figure of quality, and its name in print. */
interface QualityFigure {
  readonly label: string;
  readonly value: number;
}

/**
 * Figures that best show the quality of a model so far. With implicit feedback these are the
 * agreement of its lists with withheld ratings, and its errors against preferences: errors against
 * ratings rise as the model improves.
 */
export function qualityOf({ feedback, ...event }: Judged): readonly QualityFigure[] {
  const { validation } = event;
  if (feedback === 'implicit') {
    const ndcg = validation?.['ndcg@20'];
    return [
      ...(ndcg === undefined ? [] : [{ label: 'NDCG@20', value: ndcg }]),
      { label: 'RMSE of 0/1', value: (validation ?? event).preferenceRmse },
    ];
  }
  return [
    { label: 'RMSE', value: event.rmse },
    ...(validation ? [{ label: 'validation', value: validation.rmse }] : []),
  ];
}

type Judged = Pick<IterationEvent, 'rmse' | 'preferenceRmse' | 'validation'> &
  Pick<StartedEvent, 'feedback'>;

/** Data of the display of a training run. */
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
 *     NDCG@20     0.2410          RMSE of 0/1 0.5512
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
  const note = noteOn(phases - phasesDone, trainingSeconds / phasesRun, trainingSeconds);
  const barColumns = columns - labelColumns - count.length - note.length - 2;
  const bar = progressBar(phasesDone / phases, barColumns, paint);
  const lines = [`${label('iteration')}${count} ${bar} ${paint('dim', note)}`];
  if (latest === undefined) return lines.join('\n');

  const { loss } = latest;
  const change = before && (loss.total - before.loss.total) / Math.abs(before.loss.total);
  lines.push(
    line(
      ...qualityOf({ ...latest, feedback: started.feedback }).map(
        ({ label, value }) => [label, asFigure(value)] as const,
      ),
    ),
    line(
      ['loss', asLoss(loss.total)],
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

/** How long it still takes, as far as that is known, or took. */
function noteOn(phasesLeft: number, secondsEach: number, trainingSeconds: number): string {
  if (phasesLeft === 0) return asSeconds(trainingSeconds);
  return secondsEach > 0 ? `${asSeconds(phasesLeft * secondsEach)} left` : '';
}

/** A bar of `columns` characters, at least 4, filled by `share`, 0 to 1. */
export function progressBar(share: number, columns: number, paint: Paint): string {
  const length = Math.max(4, columns);
  const full = Math.round(share * length);
  return paint('cyan', '━'.repeat(full)) + paint('dim', '╌'.repeat(length - full));
}
