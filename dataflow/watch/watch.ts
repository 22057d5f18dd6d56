import { isObservable, Observable, Subject, type Subscription, tap } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import {
  aPath,
  checkOptions,
  integer,
  type Rule,
  type Rules,
  trueOrFalse,
} from '../../src/check-options.js';
import { type EarlyEnd, endEarly } from '../end-early.js';
import { bestSoFar } from '../search/best-so-far.js';
import type { Stage } from '../stage.js';
import { lastIteration } from '../training/stop-on.js';
import type { WatchedEvent } from './lines-of-events.js';
import { openWatchedRun, type WatchedRunSettings } from './watched-run.js';

/** Where the page is served, and what its buttons do. */
export interface WatchOptions {
  /** Of the page, 0 to 65535; 0 is any free one. Default 4173, or any free one if that is taken. */
  readonly port?: number | undefined;
  /**
   * Path of the model that the run saves: the events are kept beside it, in `<model>.events.ndjson`,
   * for `seesaw watch <model>`. Runs kept in the same folder can be laid over this one. Without it
   * nothing is kept.
   */
  readonly model?: string | undefined;
  /** The subject that `train({ pause })` has: gives the page its button. */
  readonly pause?: Subject<boolean> | undefined;
  /** The subject that `train({ placement })` has: lets the page move the job to threads. */
  readonly placement?: Subject<Placement> | undefined;
  /**
   * Whether the page stays after the stream has ended, to look at the result, until the process ends;
   * it keeps the process from ending by itself. Default false.
   */
  readonly keepOpen?: boolean | undefined;
}

/** The page can be opened. */
export interface WatchingEvent {
  readonly type: 'watching';
  /** `http://127.0.0.1:4173/` */
  readonly url: string;
}

const aSubject: Rule = {
  expected: 'a Subject',
  accepts: (value) => isObservable(value) && 'next' in value,
};

const rules: Rules<keyof WatchOptions> = {
  port: integer(0, 65_535),
  model: aPath('where the model is saved'),
  pause: aSubject,
  placement: aSubject,
  keepOpen: trueOrFalse,
};

/**
 * Serves a page on this machine that shows a training, or a search, while it runs: curves, where
 * every block was solved, faults; its buttons control the run. Adds a `watching` event with the
 * address before all others.
 *
 *     events     --s-p-p-i-p-p-i-(f|)
 *     watch()    w-s-p-p-i-p-p-i-(f|)           w watching
 *     stop       ------------x                  pressed on the page
 *     watch()    w-s-p-p-i-p-(f|)               f has the model of the first i, as with stopOn;
 *                                               of a search, that of the best trial so far
 *
 * Put it last, so that the page also shows what `evaluate` and `saveModel` add. Errors of the source
 * pass through. The page closes when the stream ends, however it ends, unless `keepOpen` is set; and
 * when it is unsubscribed from.
 *
 * The stream ends with `WatchError` before the source is subscribed to if the port is taken or the
 * events cannot be kept. Wrong options throw `InvalidOptionError` at once.
 */
export function watch<Event extends { readonly type: string } = WatchedEvent>(
  options: WatchOptions = {},
): Stage<'watch', Event, Event | WatchingEvent> {
  checkOptions({ of: 'watch' }, options, rules);
  const { keepOpen = false, ...settings } = options;
  return (events$: Observable<Event>) => watched(events$, settings, keepOpen);
}

function watched<Event extends { readonly type: string }>(
  events$: Observable<Event>,
  settings: Omit<WatchedRunSettings, 'stop'>,
  keepOpen: boolean,
): Observable<Event | WatchingEvent> {
  // Not composed from operators: the server has to be closed also if it opens after unsubscribing.
  return new Observable((subscriber) => {
    const stop$ = new Subject<void>();
    const opening = openWatchedRun({ ...settings, stop: () => stop$.next() });
    let inner: Subscription | undefined;
    let isOver = false;
    opening.then(
      (run) => {
        if (subscriber.closed) return;
        subscriber.next({ type: 'watching', url: run.url });
        const end = (error?: unknown) => {
          isOver = true;
          void run.end(error);
        };
        inner = events$
          .pipe(
            endEarly(stop$, keptSoFar<Event>),
            tap({ next: (event) => run.event(event), error: end, complete: () => end() }),
          )
          .subscribe(subscriber);
      },
      (error) => subscriber.error(error),
    );
    return () => {
      inner?.unsubscribe();
      if (isOver && keepOpen) return;
      opening.then(
        async (run) => {
          await run.end(
            isOver ? undefined : new Error('the subscriber left before the end of the run'),
          );
          await run.close();
        },
        () => {},
      );
    };
  });
}

/** What a training, or a search, has so far; other streams have nothing, and no button either. */
function keptSoFar<Event>(): EarlyEnd<Event> {
  // Both look at events of their own types only.
  const ends = [lastIteration(), bestSoFar()] as unknown as readonly EarlyEnd<Event>[];
  return {
    note(event) {
      for (const end of ends) end.note(event);
    },
    finish: () => ends.map((end) => end.finish()).find((last) => last !== undefined),
  };
}
