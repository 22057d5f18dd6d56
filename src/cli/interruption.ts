import { Interruption } from './exit-status.js';

/**
 * A signal that aborts, with an `Interruption`, on Ctrl-C, on SIGTERM and when the reader of stdout
 * goes away. A second Ctrl-C ends the process at once. Other errors of stdout, such as a full disk
 * below a log, abort nothing: the work is worth more than what is said of it.
 *
 * Call it once a process: the handlers stay.
 */
export function interruptions(): AbortSignal {
  const controller = new AbortController();
  for (const [name, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) exitAtOnce(name, status);
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
function exitAtOnce(name: NodeJS.Signals, status: number): void {
  process.on('exit', () => {
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  });
  process.exit(status);
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
