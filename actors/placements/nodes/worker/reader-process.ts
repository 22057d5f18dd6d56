import { fork } from 'node:child_process';
import { once } from 'node:events';
import { SourceError } from '../../../../src/errors.js';
import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import { removeSpillFolders } from '../../../../src/io/spill-folder.js';
import type { RatingsSource } from '../../../../src/ratings/described-ratings.js';
import type { SparseRows } from '../../../../src/ratings/sparse-rows.js';
import type { ReaderCommand, ReaderReply } from './reader-program.js';

const program = new URL('./reader-program.js', import.meta.url);

/** The environment variables that the process gets: no passwords. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH'];

/** Milliseconds to open a source: a FIFO in the query of a supervisor would take for ever. */
const maxOpenMs = 120_000;

/**
 * As `openRatingsReader`, in a process of its own: foreign files and foreign SQL go through native parsers,
 * and a crash of one ends that process alone.
 *
 * Throws what `openRatingsReader` throws. Once the process has died, everything rejects with `SourceError`.
 *
 * @param signal ends the process while it opens the source
 * @param openMs milliseconds after which it is ended likewise; default 120 s
 */
export async function openReaderProcess(
  source: RatingsSource,
  folders: readonly string[],
  threads?: number,
  signal?: AbortSignal,
  openMs = maxOpenMs,
): Promise<RatingsReader> {
  const env = Object.fromEntries(inherited.map((name) => [name, process.env[name]]));
  const child = fork(program, {
    env,
    execArgv: [],
    // Keeps typed arrays as they are.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => removeSpillFolders((pid) => pid === child.pid));
  const waiting = new Map<number, Waiting>();
  let death: SourceError | undefined;
  let count = 0;

  const die = (how: string): void => {
    death ??= readerDied(source, how);
    for (const { reject } of waiting.values()) reject(death);
    waiting.clear();
  };
  child.on('error', (error) => die(error.message));
  child.on('exit', (status, signal) => die(signal ?? `status ${status}`));
  child.on('message', (reply: ReaderReply) => {
    const { resolve, reject } = waiting.get(reply.number) ?? {};
    waiting.delete(reply.number);
    if (reply.type === 'failed') reject?.(errorOf(reply));
    else resolve?.(reply.type === 'rows' ? reply.rows : undefined);
  });
  const ask = (command: Unnumbered<ReaderCommand>): Promise<SparseRows | undefined> =>
    new Promise((resolve, reject) => {
      if (death !== undefined) return reject(death);
      const number = count++;
      waiting.set(number, { resolve, reject });
      child.send({ ...command, number }, (error) => {
        if (error !== null) die(error.message);
      });
    });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };

  const kill = () => void child.kill('SIGKILL');
  const tooLong = setTimeout(kill, openMs);
  signal?.addEventListener('abort', kill);
  if (signal?.aborted) kill();
  try {
    await ask({ type: 'open', source, folders, threads });
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(tooLong);
    signal?.removeEventListener('abort', kill);
  }
  return {
    // A reply to `rows` has them unless it is `failed`.
    rows: async (side, first, end) => (await ask({ type: 'rows', side, first, end })) as SparseRows,
    close,
  };
}

/** A command that waits for its reply. */
interface Waiting {
  readonly resolve: (rows: SparseRows | undefined) => void;
  readonly reject: (error: Error) => void;
}

type Unnumbered<Command> = Command extends unknown ? Omit<Command, 'number'> : never;

function errorOf({ code, message }: Extract<ReaderReply, { type: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new SourceError(code, message);
}

function readerDied({ files }: RatingsSource, how: string): SourceError {
  const name = files === undefined ? 'the query' : files.join(', ').slice(0, 200);
  return new SourceError(
    'ERR_READER_DIED',
    `found the process that reads ${name} ended by ${how}; expected it to read; ` +
      'check what the files hold, and how much memory this worker may take',
  );
}
