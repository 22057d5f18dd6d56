import { useEffect, useRef, useState } from 'preact/hooks';
import { RunView } from '../src/watch/view/run-view.js';
import { type ConnectionState, follow } from './connection.js';

/** Pages draw so often at most, so that a fast training leaves time for clicks. */
const pauseMs = 120;

/** A run as it grows: `version` changes when the view has. */
export function useRun(run: string): {
  readonly view: RunView;
  readonly version: number;
  readonly connection: ConnectionState;
} {
  const view = useRef(new RunView());
  const [version, setVersion] = useState(0);
  const [connection, setConnection] = useState<ConnectionState>('connecting');

  useEffect(() => {
    if (run === '') return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const redraw = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion((before) => before + 1);
      }, pauseMs);
    };
    view.current = new RunView();
    const leave = follow(run, {
      lines(lines) {
        for (const line of lines) view.current.apply(line);
        redraw();
      },
      reset() {
        view.current = new RunView();
        redraw();
      },
      state: setConnection,
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [run]);
  return { view: view.current, version, connection };
}
