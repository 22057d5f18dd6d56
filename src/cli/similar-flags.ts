import { type Command, Option } from 'commander';
import { addNotes } from './help-text.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags of `similar`. */
export interface SimilarFlags {
  readonly item?: string;
  readonly title?: string;
  readonly user?: string;
  readonly count: number;
  readonly titles?: string;
  readonly json?: true;
}

const examples = [
  'seesaw similar model --item 318',
  'seesaw similar model --title "toy story"',
  'seesaw similar model --item 318 --titles movies-in-french.csv',
  'seesaw similar model --user 42 --count 3 --json',
];

/** Describes `similar` and its flags. */
export function addSimilarFlags(command: Command): Command {
  command
    .summary('find the items or users most like one')
    .description('Finds the items most like an item, or the users most like a user, best first.')
    .argument('<model>', "folder that 'seesaw train' made")
    .addOption(new Option('--item <id>', 'item to compare with').conflicts(['title', 'user']))
    .addOption(new Option('--title <text>', 'the same by title, or a part of it').conflicts('user'))
    .option('--user <id>', 'user to compare with')
    .option('--count <n>', 'length of the list', parseNumber, 10)
    .option('--titles <file>', 'titles of the items (default: those that the model keeps)')
    .option('--json', 'print one JSON object a line');
  return addNotes(command, [], examples);
}
