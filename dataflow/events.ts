import { type Observable, type Subscription, takeUntil } from 'rxjs';
import { aSignal, checkOptions, checkValue, type Rule } from '../src/check-options.js';
import { whenAborted } from './training/when-aborted.js';

/** What ends a loop over events from outside. */
export interface EventsOptions {
  /** Leaves the stream; the loop throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const aStream: Rule = {
  expected: 'a stream such as source.pipe(train(…))',
  accepts: (value) =>
    typeof (value as Partial<Observable<unknown>> | null)?.subscribe === 'function',
};

/**
 * The values of a stream for `for await`, in order and none left out:
 *
 *     for await (const event of events(source.pipe(train({ rank: 64 })))) {
 *       if (event.type === 'iteration' && event.rmse < 0.9) break;
 *     }
 *
 * The stream is subscribed to when the loop asks for the first value. Leaving the loop by `break`,
 * `return` or an error unsubscribes, which stops a training within a block and leaves no thread
 * behind. An error of the stream is thrown by the loop, after the values that came before it.
 *
 * The loop does not slow the stream: values that come while its body awaits are queued in memory,
 * some hundred bytes each in a training. `model()` and `finish()` of an iteration throw
 * `StaleFactorsError` once the next iteration has been reported, so call them before the body
 * awaits anything long, or in the stream.
 */
export function events<Event>(
  source: Observable<Event>,
  options: EventsOptions = {},
): AsyncIterableIterator<Event, undefined> {
  checkOptions({ of: 'events' }, options, { signal: aSignal });
  checkValue('source', source, aStream);
  return new EventIterator(source.pipe(takeUntil(whenAborted(options.signal))));
}

/** A call of `next` that waits for a value. */
interface Waiting<Event> {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done = { done: true, value: undefined } as const;

/**
 * Not an async generator: that one answers `return` only when the `next` before it is answered, which
 * a stream without further values never does.
 */
class EventIterator<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #source: Observable<Event>;
  readonly #values: Event[] = [];
  readonly #waiting: Waiting<Event>[] = [];
  #subscription: Subscription | undefined;
  #isOver = false;
  /** Of the stream, to be thrown once. */
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Observable<Event>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#answer();
      if (!this.#isOver) this.#subscription ??= this.#subscribe();
    });
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#leave();
    return done;
  }

  async throw(error: unknown): Promise<never> {
    this.#leave();
    throw error;
  }

  #subscribe(): Subscription {
    return this.#source.subscribe({
      next: (event) => {
        this.#values.push(event);
        this.#answer();
      },
      error: (error) => {
        this.#failure = { error };
        this.#isOver = true;
        this.#answer();
      },
      complete: () => {
        this.#isOver = true;
        this.#answer();
      },
    });
  }

  /** Answers waiting calls, as far as there are values. */
  #answer(): void {
    while (this.#waiting.length > 0) {
      if (this.#values.length > 0) {
        this.#waiting.shift()!.resolve({ done: false, value: this.#values.shift()! });
      } else if (this.#failure !== undefined) {
        this.#waiting.shift()!.reject(this.#failure.error);
        this.#failure = undefined;
      } else if (this.#isOver) {
        this.#waiting.shift()!.resolve(done);
      } else {
        return;
      }
    }
  }

  #leave(): void {
    this.#isOver = true;
    this.#failure = undefined;
    this.#values.length = 0;
    this.#subscription?.unsubscribe();
    this.#answer();
  }
}
