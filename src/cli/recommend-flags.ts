import { type Command, Option } from 'commander';
import { addNotes } from './help-text.js';
import { collectIds } from './ids-flag.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags of `recommend`. */
export interface RecommendFlags {
  readonly user?: string;
  readonly all?: true;
  readonly output?: string;
  readonly threads?: number;
  readonly count: number;
  readonly titles?: string;
  readonly includeSeen?: true;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** How many reasons an item; true without a number. */
  readonly explain?: number | true;
  readonly json?: true;
  readonly quiet?: true;
}

const notes = [
  'A file of lists has a row for each item of a list: userId, rank, itemId, score and, where there are titles, title. It replaces the one that lies there when it is whole. --all --json without --output prints the rows.',
];
const examples = [
  'seesaw recommend model --user 42',
  'seesaw recommend model --user 42 --count 5 --titles films.csv',
  'seesaw recommend model --user 42 --explain',
  'seesaw recommend model --user 42 --deny 318,296 --deny 2571 --json',
  'seesaw recommend model --all --output lists.parquet',
  'seesaw recommend model --all --count 100 --output lists.csv --threads 4',
];

/** Describes `recommend` and its flags. */
export function addRecommendFlags(command: Command): Command {
  command
    .summary('recommend items to a user of a saved model, or to all of them')
    .description('Recommends items to users that the model was trained on, best first.')
    .argument('<model>', "folder that 'seesaw train' made")
    .option('--user <id>', 'user to recommend to')
    .addOption(new Option('--all', 'to every user').conflicts(['user', 'explain']))
    .option('--output <file>', 'with --all: file for the lists, .csv, .ndjson or .parquet')
    .option('--count <n>', 'length of the list; shorter if fewer items are left', parseNumber, 10)
    .option('--titles <file>', 'titles of the items (default: those that the model keeps)')
    .option('--include-seen', 'also items that the user has rated')
    .option(
      '--allow <ids>',
      'only these items, separated by commas; may be given again',
      collectIds,
    )
    .option(
      '--deny <ids>',
      'none of these items, separated by commas; may be given again',
      collectIds,
    )
    .option(
      '--explain [n]',
      'what n of its ratings add most to each score (default: 3)',
      parseNumber,
    )
    .option('--threads <n>', 'with --all: worker threads (default: one a core)', parseNumber)
    .option('--json', 'print one JSON object a line')
    .option('--quiet', 'no progress');
  return addNotes(command, notes, examples);
}
