import { createLogUpdate } from 'log-update';
import { clean, unguardedStream } from './guard-output.js';

/** Text on a terminal that is drawn over itself. */
export interface LiveLog {
  draw(text: string): void;
  /** A line that stays above the drawing. */
  persist(line: string): void;
  clear(): void;
  /** Keeps the current drawing on the terminal. */
  done(): void;
}

/** Draws through the guard of `stream`, with its colours. */
export function liveLog(stream: NodeJS.WriteStream): LiveLog {
  // It would hide the cursor through stderr itself, whose guard makes such sequences visible.
  const log = createLogUpdate(unguardedStream(stream), { showCursor: true });
  return {
    draw: (text) => log(clean(text, stream)),
    persist: (line) => log.persist(clean(line, stream)),
    clear: () => log.clear(),
    done: () => log.done(),
  };
}
