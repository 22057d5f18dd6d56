import type { Member } from './member.js';

/** Milliseconds between two looks at the nodes. */
export const tickMs = 250;

/** A node that lives, and does nothing of what it was asked, is given up after so long. */
const idleSeconds = 5;
/** One that says that it works on it has more time; ten times the deadline if that is longer. */
const minOwedSeconds = 600;

/**
 * Why a node that lives is given up, if it is: it was asked for something and says that it does
 * nothing, or has answered nothing for long. To be called for every tick in which the server is there.
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
