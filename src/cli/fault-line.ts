import type { FaultReport } from '../../actors/run-event.js';

/** A fault, for people. */
export function faultLine({ side, block, message, action }: FaultReport): string {
  const consequence = action === 'solve-again' ? 'solving it again' : 'giving up';
  return `${side} block ${block} failed: ${message}; ${consequence}`;
}
