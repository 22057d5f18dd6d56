import type { Side } from '../src/ratings/ratings.js';
import type { IterationMetrics } from '../src/training/iteration-metrics.js';

/**
 * The events of a run: `opened`, then two phases and a report for every iteration with the others
 * in between, then `trained`.
 */
export type RunEvent =
  | OpenedReport
  | PhaseReport
  | IterationReport
  | MovedReport
  | CheckpointReport
  | FaultReport
  | TrainedReport;

/** Receives the events of a run. Nothing follows `complete` or `error`. */
export interface RunObserver {
  next(event: RunEvent): void;
  complete(): void;
  error(error: unknown): void;
}

/** The placement runs; the first phase is about to begin. */
export interface OpenedReport {
  readonly type: 'opened';
}

/** Every phase is done. The factors are still in the job's memory, until `next` returns. */
export interface TrainedReport {
  readonly type: 'trained';
}

/** Every row of one side is solved. */
export interface PhaseReport {
  readonly type: 'phase';
  readonly iteration: number;
  readonly side: Side;
  /** From the broadcast to the last block's reply. */
  readonly seconds: number;
  /** Bytes sent to broadcast the fixed side; 0 where memory is shared. */
  readonly broadcastBytes: number;
  /** Bytes that sending all of it to every node would take. */
  readonly fullBroadcastBytes: number;
  /** Bytes copied to a GPU and back; 0 where none computes. */
  readonly uploadedBytes: number;
  readonly readBackBytes: number;
  /** Answers that came too late since the phase before, and were dropped. */
  readonly lateAnswers: number;
  /** In block order. */
  readonly blocks: readonly PhaseBlock[];
}

/** One block's part of a phase: its size, its time, and where it ran. */
export interface PhaseBlock {
  readonly block: number;
  readonly rows: number;
  readonly ratings: number;
  /**
   * From the broadcast to the start of the block's arithmetic: when its answer came, less `seconds`.
   * ≥ 0.
   */
  readonly startSeconds: number;
  /** Time of the block's arithmetic. */
  readonly seconds: number;
  /** Where it ran, for people: `event loop`, `thread 3`. */
  readonly ranOn: string;
  /** How often it was handed out, ≥ 1; more than once if a thread or node failed, or was slow. */
  readonly attempts: number;
}

/** Both sides are solved once more. */
export interface IterationReport extends IterationMetrics {
  readonly type: 'iteration';
  /** Both phases, and the sums between them. */
  readonly seconds: number;
  readonly broadcastBytes: number;
}

/** The job runs somewhere else from the phase that follows. */
export interface MovedReport {
  readonly type: 'moved';
  /** Iteration and side of that phase. */
  readonly iteration: number;
  readonly side: Side;
  /** Names of placements: `threads(1)`. */
  readonly from: string;
  readonly to: string;
}

/** A checkpoint is on disk; a crash from now on loses nothing before it. */
export interface CheckpointReport {
  readonly type: 'checkpoint';
  /** The iteration after which it was taken. */
  readonly iteration: number;
  /** Directory of the checkpoints. */
  readonly path: string;
  readonly bytes: number;
  /** Time that writing took, while training went on. */
  readonly seconds: number;
}

/** Something broke, and what the run does about it; `component` says what broke. */
export type FaultReport =
  | BlockFault
  | PlacementFault
  | CheckpointFault
  | KernelFault
  | NodeFault
  | ServerFault;

/** A block was not solved. */
export interface BlockFault {
  readonly type: 'fault';
  readonly component: 'block';
  readonly iteration: number;
  readonly side: Side;
  readonly block: number;
  /** How often the block has been tried in this phase. */
  readonly attempts: number;
  readonly message: string;
  readonly action: 'solve-again' | 'give-up';
}

/** A place to move to did not open; the job stays where it is. */
export interface PlacementFault {
  readonly type: 'fault';
  readonly component: 'placement';
  /** The iteration that it would have moved for. */
  readonly iteration: number;
  /** Name of the placement that was wanted. */
  readonly placement: string;
  readonly message: string;
  readonly action: 'stay';
}

/** The GPU failed; the job goes on with WASM from the same generation. */
export interface KernelFault {
  readonly type: 'fault';
  readonly component: 'kernel';
  readonly iteration: number;
  readonly message: string;
  readonly action: 'use-wasm';
}

/**
 * A node is lost or slow, and others solve its blocks; or it got a damaged message, which is sent
 * again; or it cannot be used, and is left out. One event stands for all of its blocks.
 */
export interface NodeFault {
  readonly type: 'fault';
  readonly component: 'node';
  readonly iteration: number;
  /** Its name. */
  readonly node: string;
  readonly message: string;
  readonly action: 'solve-elsewhere' | 'send-again' | 'leave-out';
}

/**
 * The server between supervisor and nodes cannot be reached, and the job goes on when it is back;
 * or it asks for no credentials, and the job goes on.
 */
export interface ServerFault {
  readonly type: 'fault';
  readonly component: 'server';
  readonly iteration: number;
  /** Its address. */
  readonly server: string;
  readonly message: string;
  readonly action: 'wait' | 'go-on';
}

/**
 * A checkpoint was not written and training goes on without it, or one is damaged and the run goes
 * on from an older one.
 */
export interface CheckpointFault {
  readonly type: 'fault';
  readonly component: 'checkpoint';
  /** The checkpoint's. */
  readonly iteration: number;
  readonly message: string;
  readonly action: 'go-on' | 'use-older';
}
