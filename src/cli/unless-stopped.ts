import { fromEvent, lastValueFrom, type Observable, takeUntil } from 'rxjs';

/** Resolves when `events$` completes; when stopped first, unsubscribes and rejects with the reason. */
export async function unlessStopped(
  stopped: AbortSignal,
  events$: Observable<unknown>,
): Promise<void> {
  stopped.throwIfAborted();
  const untilStopped$ = events$.pipe(takeUntil(fromEvent(stopped, 'abort')));
  await lastValueFrom(untilStopped$, { defaultValue: undefined });
  stopped.throwIfAborted();
}
