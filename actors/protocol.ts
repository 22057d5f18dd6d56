import type { BlockSums } from '../src/kernels/kernel.js';
import type { PhaseId } from '../src/training/phases.js';
import type { Ref } from './actor-system.js';

/*
 * Every message between the actors.
 *
 *     run ── begin ──► supervisor ── solve ──► block    one for every block of the phase's side
 *                      supervisor ◄── solved ── block
 *                      supervisor ◄── failed ── block    answered with another solve, or the end
 *
 * The broadcast of the fixed side is the phase itself: a handle and a generation, never a copy.
 */

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
    }
  | {
      readonly type: 'failed';
      readonly phase: PhaseId;
      readonly block: number;
      readonly error: Error;
    };

/** What the supervisor accepts. A reply of a past phase is dropped and counted. */
export type SupervisorCommand = { readonly type: 'begin' } | BlockReply;

/** What a solved block reports. Its rows and their Gram matrix are in shared memory. */
export interface BlockResult {
  readonly sums: BlockSums;
  /** Time of the arithmetic alone. */
  readonly seconds: number;
  /** Where it ran, for people: `event loop`, `thread 3`. */
  readonly where: string;
}
