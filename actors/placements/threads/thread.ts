import type { Piscina } from 'piscina';

const programFile = new URL('./thread-program.js', import.meta.url).href;

/** Functions of the worker file. */
export type ThreadFunction = 'solve' | 'copy' | 'check' | 'rank' | 'checkRanking';

/** One worker thread that is replaced when it dies. */
export interface Thread {
  /** Runs a function of the worker file; rejects if the thread dies meanwhile. */
  run(name: ThreadFunction, request?: unknown): Promise<unknown>;
  /** Ends the thread and rejects what it has not answered. */
  close(): Promise<void>;
}

/**
 * Starts a thread. A piscina pool of its own each, because a larger pool does not tell which of its
 * threads is idle.
 *
 * @param job what the thread works on, and every one that replaces it: the worker's `workerData`
 * @param depth requests that it may be given at a time; it takes one after the other
 */
export async function openThread(job: unknown, depth: number): Promise<Thread> {
  const { Piscina } = await import('piscina');
  let isClosed = false;
  let pool = start();

  function start(): Piscina {
    const started = new Piscina({
      filename: programFile,
      workerData: job,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: depth,
      // Otherwise a crash can leave queued tasks with no thread to run them.
      idleTimeout: Number.POSITIVE_INFINITY,
      // An idle worker would block in Atomics.wait, for no gain.
      atomics: 'disabled',
      recordTiming: false,
    });
    // Errors of a thread reach the task that it ran; this only keeps Node from throwing them.
    started.on('error', () => {});
    // piscina 5.3 starts no thread any more once one has died before it was ready, and leaves what
    // waits for it waiting. A pool without a thread is given up, which rejects what waits.
    started.on('workerDestroy', () => {
      setImmediate(() => {
        if (isClosed || pool !== started || started.threads.length > 0) return;
        pool = start();
        void started.destroy();
      });
    });
    return started;
  }

  return {
    run: (name, request) => pool.run(request, { name }),
    async close() {
      isClosed = true;
      await pool.destroy();
    },
  };
}

/** Where the code of a thread is, for messages. */
export const threadSource = programFile;
