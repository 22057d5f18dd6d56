import { SourceError } from '../../../../src/errors.js';
import { openRatingsReader, type RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { RatingsSource } from '../../../../src/ratings/described-ratings.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import type { SparseRows } from '../../../../src/ratings/sparse-rows.js';

/*
 * The program of the process that reads a worker's blocks of the ratings: it opens the source of its
 * first command, and gives rows of it until it is killed or its worker is gone.
 */

/** What the process is asked. `open` comes first, once. */
export type ReaderCommand =
  | {
      readonly type: 'open';
      readonly number: number;
      readonly source: RatingsSource;
      readonly folders: readonly string[];
      readonly threads: number | undefined;
    }
  | {
      readonly type: 'rows';
      readonly number: number;
      readonly side: Side;
      readonly first: number;
      readonly end: number;
    };

/** Its answer to the command of that number. */
export type ReaderReply =
  | { readonly type: 'opened'; readonly number: number }
  | { readonly type: 'rows'; readonly number: number; readonly rows: SparseRows }
  | {
      readonly type: 'failed';
      readonly number: number;
      /** Of a `SourceError`. */
      readonly code: SourceError['code'] | undefined;
      readonly message: string;
    };

let reader: RatingsReader | undefined;

async function reply(command: ReaderCommand): Promise<ReaderReply> {
  const { number } = command;
  try {
    if (command.type === 'rows') {
      const { side, first, end } = command;
      return { type: 'rows', number, rows: await reader!.rows(side, first, end) };
    }
    reader = await openRatingsReader(command.source, command.folders, command.threads);
    return { type: 'opened', number };
  } catch (error) {
    const code = error instanceof SourceError ? error.code : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { type: 'failed', number, code, message };
  }
}

process.on('message', (command: ReaderCommand) => {
  void reply(command).then((answer) => process.send!(answer));
});
// The worker is gone and waits for no reply.
process.on('disconnect', () => process.exit());
// A terminal sends it to the worker as well, which handles it.
process.on('SIGINT', () => {});
