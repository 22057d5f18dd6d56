import type { Command } from 'commander';
import { addNotes } from './help-text.js';

const notes = [
  'Reads the manifest alone: it takes no time, and does not find damage inside the data files.',
];
const examples = ['seesaw info model', 'seesaw info model --json | jq .settings'];

/** Describes `info` and its flags. */
export function addInfoFlags(command: Command): Command {
  command
    .summary('tell what a saved model is')
    .description(
      'Tells what a saved model is: its sizes, its options, what it has seen, its files.',
    )
    .argument('<model>', "folder that 'seesaw train' made")
    .option('--json', 'print one JSON object');
  return addNotes(command, notes, examples);
}
