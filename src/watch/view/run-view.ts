import type { EvaluationLine, IterationLine, Line, StartedLine } from '../lines.js';
import { Timeline } from './timeline.js';
import { TrialBoard } from './trial-board.js';
import { withheldFigures } from './withheld-figures.js';

/** The state of a run. */
export type RunStatus = 'waiting' | 'training' | 'paused' | 'measuring' | 'finished' | 'failed';

/** What a page shows of a run, gathered from its lines. */
export class RunView {
  readonly timeline = new Timeline();
  readonly trials = new TrialBoard();
  /** Numbers of the iterations; figures have a value for each. */
  readonly iterations: number[] = [];
  /** By name: `loss.total`, `validation.ndcg@20`, `seconds.user`; null where there is none. */
  readonly figures = new Map<string, (number | null)[]>();
  started: StartedLine | undefined;
  evaluation: EvaluationLine | undefined;
  status: RunStatus = 'waiting';
  startedAt = '';
  name = '';
  /** Why it failed. */
  failure = '';
  /** Of training; undefined before its end, and for a search. */
  seconds: number | undefined;
  placement = '';
  hasModel = false;
  #latest: IterationLine | undefined;
  #toldIterations = 0;
  #startedSeconds: number | undefined;
  #open: Record<string, number> = {};

  /** How many iterations are over. A simulation tells it at its end. */
  get iterationsDone(): number {
    return this.iterations.at(-1) ?? this.#toldIterations;
  }

  /** Figures on withheld ratings, by name. */
  get withheld(): Readonly<Record<string, number>> {
    return withheldFigures(this.evaluation, this.#latest);
  }

  /** Seconds since training, or a search, has begun, as far as is known; undefined before. */
  get elapsed(): number | undefined {
    return this.#startedSeconds && this.timeline.end - this.#startedSeconds;
  }

  apply(line: Line): void {
    this.timeline.apply(line);
    if (line.type === 'started' || line.type === 'search-started') this.#startedSeconds = line.at;
    switch (line.type) {
      case 'run':
        this.name = line.name;
        this.startedAt = line.startedAt;
        break;
      case 'started':
        this.#begin(line);
        break;
      case 'phase': {
        const { side, seconds, broadcastBytes, uploadedBytes, readBackBytes } = line;
        this.#open[`seconds.${side}`] = seconds;
        this.#open.bytes = (this.#open.bytes ?? 0) + broadcastBytes + uploadedBytes + readBackBytes;
        break;
      }
      case 'iteration':
        this.#latest = line;
        this.#addIteration(line);
        break;
      case 'control':
        if (line.action === 'pause') this.status = 'paused';
        else if (this.status === 'paused' && line.action !== 'move') this.status = 'training';
        break;
      case 'moved':
        this.placement = line.to;
        break;
      case 'evaluation':
        this.evaluation = line;
        break;
      case 'finished':
        this.seconds = line.seconds;
        this.#toldIterations = line.iterations ?? 0;
        this.hasModel = true;
        // The model is there; in the command line the evaluation is to come.
        if (this.status !== 'finished') this.status = 'measuring';
        break;
      case 'failed':
        this.status = 'failed';
        this.failure = line.message;
        break;
      case 'closed':
        if (this.status !== 'failed') this.status = 'finished';
        this.trials.apply(line);
        break;
      default:
        this.trials.apply(line);
        if (line.type === 'search-started') this.status = 'training';
    }
  }

  /** The last value of a figure. */
  latest(name: string): number | undefined {
    return this.figures.get(name)?.at(-1) ?? undefined;
  }

  #begin(line: StartedLine): void {
    this.started = line;
    this.placement = line.placement;
    this.status = 'training';
    // Another run of the same stream begins anew.
    this.iterations.length = 0;
    this.figures.clear();
    for (const each of line.resumed?.history ?? []) {
      this.#addIteration({ ...each, type: 'iteration', seconds: Number.NaN });
    }
  }

  #addIteration(line: IterationLine): void {
    const { iteration, loss, validation, seconds, rmse, mae, preferenceRmse } = line;
    const isTimed = seconds > 0;
    const found: Record<string, number | null | undefined> = {
      ...{ rmse, mae, preferenceRmse },
      ...named('loss', { ...loss }),
      ...named('validation', validation ?? {}),
      ...this.#open,
      ...(isTimed && { ratingsPerSecond: (this.started?.ratings ?? 0) / seconds }),
    };
    const before = this.iterations.length;
    this.iterations.push(iteration);
    for (const [name, value] of Object.entries(found)) {
      const values = this.figures.get(name) ?? new Array<null>(before).fill(null);
      this.figures.set(name, values);
      values.push(typeof value === 'number' && Number.isFinite(value) ? value : null);
    }
    for (const values of this.figures.values()) if (values.length === before) values.push(null);
    this.#open = {};
  }
}

function named(prefix: string, figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}
