import { setTimeout as wait } from 'node:timers/promises';

/** Limit of one wait for joining workers. */
const maxMs = 2_000;
/** Limit of all waits together that time out. */
const maxTimedOutMs = 5_000;

/** The workers that are joining. */
export interface Joining {
  /** Whether no worker is joining. */
  readonly isSettled: boolean;
  /** Resolves when no worker is joining. */
  settled(): Promise<void>;
}

/**
 * Limits how long a job waits for joining workers. A new worker should get blocks from the next
 * phase on; one that never finishes joining must not hold up the others.
 */
export class JoinGrace {
  readonly #now: () => number;
  /** Milliseconds of the waits that timed out. */
  #timedOutMs = 0;

  /** @param now milliseconds, of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Waits until no worker is joining, for as long as the limits allow, and for `limitMs` at most.
   */
  async wait(joining: Joining, limitMs: number, signal: AbortSignal): Promise<void> {
    const graceMs = Math.min(maxMs, maxTimedOutMs - this.#timedOutMs, limitMs);
    if (joining.isSettled || graceMs <= 0) return;
    const startMs = this.#now();
    const over = new AbortController();
    await Promise.race([
      joining.settled(),
      wait(graceMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {}),
    ]);
    over.abort();
    if (!joining.isSettled) this.#timedOutMs += this.#now() - startMs;
  }
}
