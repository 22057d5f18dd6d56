import type { Line, StartedLine, TrialOptions } from '../lines.js';

/** A trial of a search, under way or over. */
export interface TrialState {
  readonly trial: number;
  readonly options: TrialOptions;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** Of the search's metric; while it runs that of the last iteration, where that is measured. */
  score: number | undefined;
  seconds: number | undefined;
  iterations: number;
  ofIterations: number | undefined;
  message: string;
  /** The metric after every iteration of the first fold. */
  readonly curve: number[];
}

/** The trials of a search. */
export class TrialBoard {
  readonly #trials = new Map<number, TrialState>();
  metric = '';
  /** How many there will be; 0 where nothing is searched. */
  planned = 0;
  /** Trials at a time at most. */
  concurrency = 1;
  /** Sizes of what the first trial trains on, and where. */
  data: StartedLine | undefined;

  apply(line: Line): void {
    switch (line.type) {
      case 'search-started':
        this.metric = line.metric;
        this.planned = line.trials;
        this.concurrency = line.concurrency;
        break;
      case 'trial-started':
        this.#of(line.trial, line.options);
        break;
      case 'trial': {
        const trial = this.#of(line.trial, {});
        const { event, fold } = line;
        if (event.type === 'started') {
          this.data ??= event;
          trial.ofIterations = event.iterations;
        }
        if (event.type !== 'iteration') break;
        trial.iterations = event.iteration;
        const figure = event.validation?.[this.metric];
        if (figure === undefined) break;
        trial.score = figure;
        if (fold === 0) trial.curve.push(figure);
        break;
      }
      case 'trial-finished': {
        const { score, seconds } = line;
        Object.assign(this.#of(line.trial, line.options), { status: 'finished', score, seconds });
        break;
      }
      case 'trial-failed': {
        const { message } = line;
        Object.assign(this.#of(line.trial, line.options), { status: 'failed', message });
        break;
      }
      case 'closed': {
        for (const trial of this.#trials.values()) {
          if (trial.status === 'running') trial.status = 'stopped';
        }
      }
    }
  }

  /** How many are measured or have failed. */
  get done(): number {
    const isDone = ({ status }: TrialState) => status === 'finished' || status === 'failed';
    return [...this.#trials.values()].filter(isDone).length;
  }

  /** Errors are better low. */
  get isHigherBetter(): boolean {
    return this.metric !== 'rmse' && this.metric !== 'mae';
  }

  /** Best first, then those without a figure, then failed ones. */
  sorted(): readonly TrialState[] {
    const sign = this.isHigherBetter ? -1 : 1;
    const last = Number.POSITIVE_INFINITY;
    const rank = ({ status, score }: TrialState) =>
      status === 'failed' || score === undefined ? last : sign * score;
    return [...this.#trials.values()].sort((a, b) => {
      const [x, y] = [rank(a), rank(b)];
      return x === y ? a.trial - b.trial : x - y;
    });
  }

  #of(trial: number, options: TrialOptions): TrialState {
    const known = this.#trials.get(trial);
    if (known !== undefined) return known;
    const made: TrialState = {
      ...{ trial, options, status: 'running', score: undefined, seconds: undefined },
      ...{ iterations: 0, ofIterations: undefined, message: '', curve: [] },
    };
    this.#trials.set(trial, made);
    return made;
  }
}

/** Names of options that differ between the given ones, in the order of the first that has them. */
export function differingOptions(
  all: readonly Readonly<Record<string, string | number | boolean>>[],
): readonly string[] {
  const names = [...new Set(all.flatMap((options) => Object.keys(options)))];
  return names.filter((name) => new Set(all.map((options) => options[name])).size > 1);
}
