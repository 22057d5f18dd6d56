import { type Command, Option } from 'commander';
import type { ReadOptions } from '../io/read-options.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';

/** What the flags say that tell how files are read. */
export interface ReadFlags {
  readonly user?: string;
  readonly item?: string;
  readonly rating?: string;
  readonly timestamp?: string;
  readonly where?: string;
  readonly network?: true;
  readonly duplicates: DuplicatesPolicy;
}

/** Adds the flags that tell how files are read, under a heading of their own. */
export function addReadFlags(command: Command): Command {
  return command
    .optionsGroup('What to read:')
    .option('--user <column>', 'column of user ids (default: guessed from usual names)')
    .option('--item <column>', 'column of item ids (default: guessed)')
    .option('--rating <column>', 'column of ratings (default: guessed; without one all are 1)')
    .option('--timestamp <column>', 'column that tells which of two ratings is the last')
    .option('--where <condition>', 'SQL condition on the rows to read')
    .option('--network', 'take URLs, for which DuckDB installs extensions')
    .addOption(
      new Option('--duplicates <policy>', 'what to do when a pair is rated twice')
        .choices(['last', 'sum', 'max', 'mean', 'error'])
        .default('last'),
    );
}

/** The flags as options of the library. */
export function readOptions(flags: ReadFlags): ReadOptions {
  const { user, item, rating, timestamp, where, network, duplicates } = flags;
  return { user, item, rating, timestamp, where, network, duplicates };
}
