import { setTimeout as wait } from 'node:timers/promises';

/** A wait for those who join takes no longer. */
const maxMs = 2_000;
/** Nor do all waits that were in vain take longer together. */
const maxTimedOutMs = 5_000;

/** Those who are waited for. */
export interface Joining {
  /** Whether nobody is joining. */
  readonly isSettled: boolean;
  /** Resolves when nobody is joining any more. */
  settled(): Promise<void>;
}

/**
 * How long a job waits for workers that join: one that comes should get blocks from the next phase on,
 * and one that only says that it comes must not hold the others up.
 */
export class JoinGrace {
  readonly #now: () => number;
  /** Milliseconds of waits in which not everybody has joined. */
  #timedOutMs = 0;

  /** @param now milliseconds, of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Waits until nobody is joining, as long as is left of the grace, and of `limitMs`. */
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
