import { type Command, Option } from 'commander';
import { addNotes } from './help-text.js';
import { parseNumbers } from './parse-number.js';
import { addReadFlags, type ReadFlags } from './read-flags.js';

/** Values of the flags of `evaluate`. */
export interface EvaluateFlags extends ReadFlags {
  readonly k: readonly number[];
  readonly auc?: true;
  readonly clip?: readonly number[];
  readonly json?: true;
  readonly quiet?: true;
}

const notes = [
  "Ratings by users or of items that the model does not know, and those it was trained on, are left out and counted. The baseline is the items with the most ratings in the model's training.",
];
const examples = [
  'seesaw evaluate model later.csv',
  'seesaw evaluate model later.csv --k 10,20,100 --auc',
  'seesaw evaluate stars-model later.csv --clip 1,5',
  `seesaw evaluate model later.csv --json | jq '.model["ndcg@20"]'`,
];

/** Describes `evaluate` and its flags. */
export function addEvaluateFlags(command: Command): Command {
  command
    .summary('measure a saved model on ratings it has not seen')
    .description(
      'Measures how well a saved model ranks ratings that it has not seen, beside the most popular ' +
        'items; with a model of explicit feedback also the errors of its predictions.',
    )
    .argument('<model>', "folder that 'seesaw train' made")
    .argument('<files...>', 'files with the ratings to measure on');
  addReadFlags(command)
    .optionsGroup('What to measure:')
    .addOption(
      new Option('--k <list>', 'lengths of the lists, separated by commas')
        .argParser(parseNumbers)
        .default([20], '20'),
    )
    .option('--auc', 'also the exact area under the curve, which takes longer')
    .option(
      '--clip <low,high>',
      'scale of the ratings, for the errors; explicit only',
      parseNumbers,
    )
    .optionsGroup('What comes out:')
    .option('--json', 'print one JSON object')
    .option('--quiet', 'no progress');
  return addNotes(command, notes, examples);
}
