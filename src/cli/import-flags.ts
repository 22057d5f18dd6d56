import type { Command } from 'commander';
import { addNotes } from './help-text.js';

const notes = [
  'Reads the folder that ALSModel.save of Spark wrote, and the .npz file that AlternatingLeastSquares.save of implicit wrote.',
  'Such files hold no ratings: nothing is left out of lists as seen. Those of implicit hold no ids: users and items are named by their row, from 0.',
  'Options of the training that the file does not tell are the defaults of train; they matter when rows are folded in.',
];
const examples = [
  'seesaw import als-model --output model',
  'seesaw import implicit.npz --output model && seesaw similar model --item 318',
];

/** Describes `import` and its flags. */
export function addImportFlags(command: Command): Command {
  command
    .summary('take over a model of Spark or implicit')
    .description('Takes over a model that Spark or implicit has trained.')
    .argument('<path>', 'folder of Spark, or .npz file of implicit')
    .requiredOption('--output <folder>', 'folder for the model')
    .option('--json', 'print one JSON object');
  return addNotes(command, notes, examples);
}
