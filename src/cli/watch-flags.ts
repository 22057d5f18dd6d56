import { type Command, Option } from 'commander';
import { usualPort } from '../watch/usual-port.js';
import { addNotes } from './help-text.js';
import { parseNumber } from './parse-number.js';

const notes = [
  'A run that another process trains at the moment is followed. Runs of one folder can be laid over each other. The page is served on this machine only.',
];
const examples = ['seesaw watch model', 'seesaw watch runs --port 8080'];

/** Describes `watch` and its flags. */
export function addWatchFlags(command: Command): Command {
  command
    .summary('look at trainings that were run with --watch')
    .description(
      'Serves the page of trainings from the events that train --watch and search --watch keep ' +
        'beside the model, until Ctrl-C.',
    )
    .argument('[folder]', 'a model, or a folder with several', 'model')
    .addOption(
      new Option(
        '--port <n>',
        `of the page, 0 for any free one (default: ${usualPort}, or any)`,
      ).argParser(parseNumber),
    )
    .option('--json', 'print the address as a JSON object');
  return addNotes(command, notes, examples);
}
