import { type Command, Option } from 'commander';
import { usualPort } from '../watch/usual-port.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags for the page. */
export interface WatchingFlags {
  readonly watch?: true;
  readonly watchPort?: number;
}

/** Adds the flags for the page that shows the run. */
export function addWatchingFlags(command: Command): Command {
  return command
    .optionsGroup('To watch it:')
    .option(
      '--watch',
      'serve a page on this machine that shows it, and keep its events beside the model for ' +
        "'seesaw watch'; stays until Ctrl-C",
    )
    .addOption(
      new Option(
        '--watch-port <n>',
        `the same on this port, 0 for any free one (default: ${usualPort}, or any)`,
      ).argParser(parseNumber),
    );
}
