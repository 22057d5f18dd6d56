import type { FinishedEvent, TrainingEvent } from '../../dataflow/training/training-event.js';

/** Shows people what a long command is at. */
export interface Progress {
  /** Something that takes a while begins: `reading ratings.csv`. */
  begin(what: string): void;
  training(event: Exclude<TrainingEvent, FinishedEvent>): void;
  evaluating(done: number, total: number): void;
  /** Leaves the terminal to others: the last state of the training stays on it, all else goes. */
  pause(): void;
}
