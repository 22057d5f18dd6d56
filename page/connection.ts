import type { Line } from '../src/watch/lines.js';

/** How the page hears of a run. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'over';

/** What a connection tells. */
export interface Listener {
  /** Lines in their order; after `reset` from the first one on. */
  lines(lines: readonly Line[]): void;
  /** What came before is void: another server speaks. */
  reset(): void;
  state(state: ConnectionState): void;
}

const retryMs = 2000;

/**
 * Follows the lines of a run until it is over or `close` is called. After an interruption it goes on
 * from the last line. While the page is hidden it is not connected, so a hidden page does no work.
 *
 * @returns closes it
 */
export function follow(run: string, listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  let isOver = false;

  const leave = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const connect = (): void => {
    leave();
    if (isOver || document.hidden) return;
    source = new EventSource(`/api/events?${new URLSearchParams({ run, after: last })}`);
    source.onopen = () => listener.state('open');
    source.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
      const [session] = lastEventId.split('-');
      if (last !== '' && last.split('-')[0] !== session) listener.reset();
      last = lastEventId;
      listener.lines(data.split('\n').flatMap(parse));
    };
    source.addEventListener('end', () => {
      isOver = true;
      leave();
      listener.state('over');
    });
    source.onerror = () => {
      listener.state('lost');
      // The browser connects again by itself after a lost connection, but not after a refusal.
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(connect, retryMs);
    };
  };
  const onVisibility = (): void => (document.hidden ? leave() : connect());

  document.addEventListener('visibilitychange', onVisibility);
  listener.state('connecting');
  connect();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    leave();
  };
}

/** Lines of JSON; others are left out. */
export function parse(text: string): Line[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
