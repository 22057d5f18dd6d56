import { type Command, Option } from 'commander';
import type { ReadOptions } from '../io/read-options.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';

/** Values of the flags for reading files. */
export interface ReadFlags {
  readonly user?: string;
  readonly item?: string;
  readonly rating?: string | false;
  readonly timestamp?: string | false;
  readonly where?: string;
  readonly network?: true;
  readonly duplicates: DuplicatesPolicy;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly skipBadRows?: true;
  readonly hive?: true;
}

/** Adds the flags for reading files, under their own heading. */
export function addReadFlags(command: Command): Command {
  return command
    .optionsGroup('What to read:')
    .option('--user <column>', 'column of user ids (default: guessed from usual names)')
    .option('--item <column>', 'column of item ids (default: guessed)')
    .option('--rating <column>', 'column of ratings (default: guessed; without one all are 1)')
    .option('--timestamp <column>', 'column that tells which of two ratings is the last')
    .option('--no-rating', 'every rating is 1')
    .option('--no-timestamp', 'leave times unread')
    .option('--where <condition>', 'SQL condition on the rows to read')
    .option('--network', 'take http: and https: URLs; with --sql, DuckDB installs extensions')
    .addOption(
      new Option('--duplicates <policy>', 'what to do when a pair is rated twice')
        .choices(['last', 'sum', 'max', 'mean', 'error'])
        .default('last'),
    )
    .option('--encoding <name>', 'of CSV, such as latin1 or utf-16le (default: utf-8)')
    .option('--delimiter <text>', 'between fields of CSV; tab, blank (default: found out)')
    .option('--header', 'the first line of CSV names the columns (default: found out)')
    .option('--no-header', 'the first line of CSV is a row')
    .option('--skip-bad-rows', 'leave lines of CSV out that are no ratings, and count them')
    .option('--hive', 'read folders whole; names such as year=2024 in them are columns');
}

/** Words for characters that are hard to type. */
const delimiterNames: Readonly<Record<string, string>> = {
  tab: '\t',
  '\\t': '\t',
  blank: ' ',
  space: ' ',
};

/** The flags as options of the library. */
export function readOptions(flags: ReadFlags): ReadOptions {
  const { user, item, rating, timestamp, where, duplicates } = flags;
  const { encoding, header, skipBadRows, hive, network } = flags;
  // The flag keeps what was typed, to be shown in commands to type again.
  const delimiter = flags.delimiter && (delimiterNames[flags.delimiter] ?? flags.delimiter);
  return {
    ...{ user, item, where, duplicates, network },
    ...{ encoding, delimiter, header, skipBadRows, hive },
    // Commander sets a flag with a negative form to true if neither is given.
    rating: (rating as string | boolean) === true ? undefined : rating,
    timestamp: (timestamp as string | boolean) === true ? undefined : timestamp,
  };
}
