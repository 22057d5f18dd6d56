import { setTimeout as wait } from 'node:timers/promises';
import { concatAll, defer, from, lastValueFrom, tap } from 'rxjs';
import { type TrainingEvent, watch } from 'seesaw';
import type { PageReader } from './page-of-run.js';
import type { WatchVariant } from './watch-overhead.js';

/** An event of a run, and when it came. */
export interface TimedEvent {
  readonly event: TrainingEvent;
  readonly ms: number;
}

/** Longer than lines wait before they are written or sent. */
const flushMs = 1200;

/**
 * Emits the events of a run again, at the times at which they came, and tells what this process
 * spends on it: all its threads, user and system, with the garbage that it collects. Nothing is
 * trained meanwhile, so little else is in the figure, and what else runs on the machine hardly
 * changes it. What happens once a run, at its start and its end, is left out.
 *
 * @returns seconds of processor time for an iteration
 */
export async function replay(
  events: readonly TimedEvent[],
  variant: WatchVariant,
  { reader, model }: { readonly reader: PageReader; readonly model: string },
): Promise<number> {
  let opened = (): void => {};
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  let spent = 0;
  const events$ = defer(async () => {
    await isOpen;
    return from(
      emitted(events, (seconds) => {
        spent = seconds;
      }),
    );
  }).pipe(concatAll());
  const isWatched = variant.startsWith('watched');
  if (!isWatched) opened();
  const shown$ = isWatched ? events$.pipe(watch({ port: 0, model })) : events$;
  await lastValueFrom(
    shown$.pipe(
      tap((event) => {
        if (event.type === 'watching') void reader.read(event.url, variant).then(opened);
      }),
    ),
  );
  return spent;
}

/** Events at their times; tells the processor time of an iteration before it ends. */
async function* emitted(
  events: readonly TimedEvent[],
  tell: (seconds: number) => void,
): AsyncGenerator<TrainingEvent> {
  const start = performance.now() - events[0]!.ms;
  let iterations = 0;
  let usage = process.cpuUsage();
  for (const { event, ms } of events) {
    const early = start + ms - performance.now();
    if (early > 0) await wait(early);
    yield event;
    // What comes before the first one happens once a run.
    if (event.type === 'iteration' && iterations++ === 0) usage = process.cpuUsage();
  }
  await wait(flushMs);
  const { user, system } = process.cpuUsage(usage);
  tell((user + system) / 1e6 / (iterations - 1));
}
