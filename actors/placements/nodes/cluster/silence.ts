import type { Member } from './member.js';

/** Milliseconds between two checks of the nodes. */
export const tickMs = 250;

/** A live node that owes an answer and is idle is given up after so long. */
const idleSeconds = 5;
/** A busy one has more time: this, or ten times the deadline if that is longer. */
const minOwedSeconds = 600;

/**
 * Why a live node is given up: it owes an answer, and is idle or has not answered for long.
 * Undefined if it is not given up. To be called in every tick in which the server is connected.
 *
 * @param deadline seconds that the job waits for nodes
 */
export function silenceOf(member: Member, deadline: number): string | undefined {
  const { owed, idle } = member.tick();
  if (idle * tickMs >= idleSeconds * 1000) {
    return `it answers nothing, and does nothing, for ${idleSeconds} s`;
  }
  const owedSeconds = Math.max(minOwedSeconds, 10 * deadline);
  if (owed * tickMs < owedSeconds * 1000) return undefined;
  return `it has answered nothing for ${owedSeconds} s`;
}
