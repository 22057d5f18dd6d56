import { exitStatusOf, Interruption } from './exit-status.js';

/** Signals that ask a command to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * A signal that aborts, with an `Interruption`, on Ctrl-C, on SIGTERM, when the terminal is closed
 * (SIGHUP) and when the reader of stdout goes away. A second Ctrl-C ends the process at once; a second
 * SIGHUP does not, since shell and system may each send one. Other errors of stdout, such as a full disk
 * below a log, abort nothing: the work is worth more than what is said of it.
 *
 * Call it once a process: the handlers stay.
 *
 * @param names those that stop the command; to some SIGHUP says something else
 */
export function interruptions(
  names: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): AbortSignal {
  const controller = new AbortController();
  for (const name of names) {
    process.on(name, () => {
      if (controller.signal.aborted && name !== 'SIGHUP') exitAtOnce(name);
      controller.abort(new Interruption(name));
    });
  }
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') controller.abort(new Interruption('SIGPIPE'));
  });
  return controller.signal;
}

/**
 * Ends the process by the signal: an orderly exit waits for native calls, some of which never
 * return.
 */
function exitAtOnce(name: StopSignal): void {
  process.on('exit', () => {
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  });
  process.exit(exitStatusOf(new Interruption(name)));
}

/**
 * Lets the process end quietly, with status 141, when the reader of stdout goes away (`| head`).
 * Other errors of stdout, such as a full disk, are shown once and give status 1; those of stderr
 * cannot be shown.
 */
export function tolerateClosedPipes(): void {
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isTold) {
      isTold = true;
      const found = `seesaw: found that stdout cannot be written (${error.message})`;
      process.stderr.write(`${found}; expected room for all of it; try another place for it\n`);
    }
    process.exitCode = error.code === 'EPIPE' ? 141 : 1;
  });
  process.stderr.on('error', () => {});
}
