import type { PhaseId } from '../src/training/phases.js';
import type { Snapshot } from '../src/training/snapshot.js';
import type { Ref } from './actor-system.js';
import type { BlockResult } from './placements/block-result.js';
import type { ExecutorFault, Placement } from './placements/placement.js';

/*
 * Every message between the actors.
 *
 *     run ── proceed, pause, resume, go-to ──► supervisor
 *     executor ── executor-fault ──► supervisor    emitted as an event
 *     supervisor ── proceed ──► supervisor   queued behind the commands that its events caused
 *
 *     supervisor ── solve ──► block         one for every block of the phase's side
 *     supervisor ◄── solved ── block
 *     supervisor ◄── failed ── block        answered with another solve, or the end
 *
 *     supervisor ── move ──► mover          between phases
 *     supervisor ◄── moved, stayed ── mover
 *
 *     supervisor ── write ──► writer        after an iteration; the next phase runs meanwhile
 *     supervisor ◄── written, unwritten ── writer
 *
 * The broadcast of the fixed side is the phase itself: a handle and a generation, never a copy.
 */

/** What the supervisor accepts. A reply of a past phase is dropped and counted. */
export type SupervisorCommand =
  | { readonly type: 'proceed' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'go-to'; readonly placement: Placement }
  | { readonly type: 'executor-fault'; readonly fault: ExecutorFault }
  | BlockReply
  | MoverReply
  | WriterReply;

/** What a block actor accepts. It answers every command, with `solved` or with `failed`. */
export type BlockCommand = {
  readonly type: 'solve';
  readonly phase: PhaseId;
  readonly replyTo: Ref<BlockReply>;
};

export type BlockReply =
  | {
      readonly type: 'solved';
      readonly phase: PhaseId;
      readonly block: number;
      readonly result: BlockResult;
      /** When the arithmetic was done, by the clock of the run, milliseconds. */
      readonly endMs: number;
    }
  | {
      readonly type: 'failed';
      readonly phase: PhaseId;
      readonly block: number;
      readonly error: Error;
    };

/** What the mover accepts: take the job somewhere else. */
export type MoverCommand = {
  readonly type: 'move';
  readonly placement: Placement;
  readonly replyTo: Ref<MoverReply>;
};

export type MoverReply =
  | { readonly type: 'moved'; readonly from: string; readonly to: string }
  | { readonly type: 'stayed'; readonly wanted: string; readonly error: Error };

/** What the writer of checkpoints accepts. The snapshot is the writer's from here. */
export type WriterCommand = {
  readonly type: 'write';
  readonly snapshot: Snapshot;
  readonly replyTo: Ref<WriterReply>;
};

export type WriterReply =
  | {
      readonly type: 'written';
      readonly iteration: number;
      readonly path: string;
      readonly bytes: number;
      readonly seconds: number;
    }
  | { readonly type: 'unwritten'; readonly iteration: number; readonly error: Error };
