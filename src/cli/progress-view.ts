import type { FinishedEvent, TrainingEvent } from '../../dataflow/training/training-event.js';

/** Shows the progress of a long command. */
export interface Progress {
  /** Something that takes a while begins: `reading ratings.csv`. */
  begin(what: string): void;
  training(event: Exclude<TrainingEvent, FinishedEvent>): void;
  evaluating(done: number, total: number): void;
  /** Releases the terminal: the last state of the training stays on it, the rest is removed. */
  pause(): void;
}
