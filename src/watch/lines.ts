import type { Loss } from '../training/iteration-metrics.js';

/*
 * What a watched run leaves: one JSON object a line, in the order of the events. The page gets these
 * lines, and `<model>.events.ndjson` keeps them. Plain data; the page imports this file.
 */

/** A line, with the time since the log began, in seconds. */
export type Line = { readonly at: number } & (
  | RunLine
  | StartedLine
  | PhaseLine
  | IterationLine
  | MovedLine
  | CheckpointLine
  | FaultLine
  | ControlLine
  | EvaluationLine
  | FinishedLine
  | SavedLine
  | FailedLine
  | ClosedLine
  | SearchLine
);

/** The first line of every log. */
export interface RunLine {
  readonly type: 'run';
  /** Version of these lines; a reader refuses a higher one than its own. */
  readonly format: 1;
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Sizes and settings, as in the `started` event. */
export interface StartedLine {
  readonly type: 'started';
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  readonly heldOut: number;
  readonly iterations: number;
  readonly placement: string;
  readonly kernel: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly resumed?: {
    readonly iteration: number;
    readonly history: readonly Omit<IterationLine, 'type' | 'seconds'>[];
  };
}

/** A phase. Blocks are columns, in block order. */
export interface PhaseLine {
  readonly type: 'phase';
  readonly iteration: number;
  readonly side: 'user' | 'item';
  readonly seconds: number;
  readonly broadcastBytes: number;
  readonly uploadedBytes: number;
  readonly readBackBytes: number;
  /** Names of the places. */
  readonly places: readonly string[];
  readonly blocks: {
    /** From the start of the phase to that of the block's arithmetic, microseconds. */
    readonly start: readonly number[];
    /** Time of the arithmetic, microseconds. */
    readonly time: readonly number[];
    /** Where it ran, by the order of `places`. */
    readonly place: readonly number[];
    /** How often it was handed out; absent where each was once. */
    readonly attempts?: readonly number[];
    /** Rows and ratings; in the first phase of each side. */
    readonly rows?: readonly number[];
    readonly ratings?: readonly number[];
  };
}

/** Errors and loss after an iteration; the names of figures on withheld ratings are the event's. */
export interface IterationLine {
  readonly type: 'iteration';
  readonly iteration: number;
  readonly rmse: number;
  readonly mae: number;
  readonly preferenceRmse: number;
  readonly loss: Loss;
  readonly seconds: number;
  readonly validation?: Readonly<Record<string, number>>;
}

export interface MovedLine {
  readonly type: 'moved';
  readonly from: string;
  readonly to: string;
}

export interface CheckpointLine {
  readonly type: 'checkpoint';
  readonly iteration: number;
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
}

export interface FaultLine {
  readonly type: 'fault';
  readonly component: string;
  readonly iteration: number;
  readonly message: string;
  readonly action: string;
  readonly side?: 'user' | 'item';
  readonly block?: number;
  readonly node?: string;
}

/** A button of the page was pressed. */
export type ControlLine = { readonly type: 'control' } & Control;

/** What the buttons of the page ask for. */
export type Control =
  | { readonly action: 'pause' | 'resume' | 'stop' }
  /** Threads to move to; 0 is the event loop. */
  | { readonly action: 'move'; readonly threads: number };

/** Figures by name, such as `recall@20`, of the model and of the most popular items. */
export interface EvaluationLine {
  readonly type: 'evaluation';
  readonly model: Readonly<Record<string, number>>;
  readonly mostPopular: Readonly<Record<string, number>>;
  readonly ratings?: Readonly<Record<string, { readonly rmse: number; readonly mae: number }>>;
}

export interface FinishedLine {
  readonly type: 'finished';
  readonly iterations?: number;
  readonly seconds?: number;
}

export interface SavedLine {
  readonly type: 'saved';
  readonly path: string;
}

/** The stream ended with an error, or was left before its end. */
export interface FailedLine {
  readonly type: 'failed';
  readonly message: string;
}

/** Nothing follows. A log without it belongs to a run that goes on, or that was killed. */
export interface ClosedLine {
  readonly type: 'closed';
}

/** Options of a trial. */
export type TrialOptions = Readonly<Record<string, string | number | boolean>>;

/** The lines of a search; of a trial's own events only its beginning and its iterations. */
export type SearchLine =
  | {
      readonly type: 'search-started';
      readonly trials: number;
      readonly folds: number;
      readonly metric: string;
      readonly concurrency: number;
    }
  | { readonly type: 'trial-started'; readonly trial: number; readonly options: TrialOptions }
  | {
      readonly type: 'trial';
      readonly trial: number;
      readonly fold: number;
      readonly event: StartedLine | IterationLine;
    }
  | {
      readonly type: 'trial-finished';
      readonly trial: number;
      readonly options: TrialOptions;
      readonly score: number;
      readonly figures: Readonly<Record<string, number | undefined>>;
      readonly seconds: number;
    }
  | {
      readonly type: 'trial-failed';
      readonly trial: number;
      readonly options: TrialOptions;
      readonly message: string;
    };

/** A run that the page can show. */
export interface RunSummary {
  /** Name in requests. */
  readonly id: string;
  readonly name: string;
  readonly startedAt: string;
  /** Whether it runs in this process. */
  readonly isLive: boolean;
  /** Empty for a search. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** On withheld ratings, by name, after the last iteration; empty for a run of this process. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The first line that the server sends to a page. */
export interface Session {
  readonly runs: readonly RunSummary[];
  /** The run to show first. */
  readonly shown: string;
  /** Buttons that work; empty where nothing runs. */
  readonly controls: readonly Control['action'][];
}

/** An item of a list. */
export interface ListedItem {
  readonly id: string;
  readonly title: string;
  readonly score: number;
}

/** Answers about a model. */
export interface FoundIds {
  readonly users: readonly string[];
  readonly items: readonly { readonly id: string; readonly title: string }[];
}

export interface UserLists {
  readonly user: string;
  readonly rated: readonly ListedItem[];
  readonly recommended: readonly ListedItem[];
}

export interface ItemLists {
  readonly item: string;
  readonly title: string;
  readonly similar: readonly ListedItem[];
}

/** Why an item has its score: score = baseline + Σ contributions + others. */
export interface Reasons {
  readonly title: string;
  readonly score: number;
  readonly baseline: number;
  readonly contributions: readonly (ListedItem & { readonly rating: number })[];
  readonly others: number;
}
