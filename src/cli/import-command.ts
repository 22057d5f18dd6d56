import type { Command } from 'commander';
import { loadModel } from '../model/store/load-model.js';
import { counted } from './figures.js';
import { addNotes } from './help-text.js';
import { jsonLine } from './json-line.js';
import { proseColumns, wrapText } from './wrap-text.js';

const notes = [
  'Reads the folder that ALSModel.save of Spark wrote, and the .npz file that AlternatingLeastSquares.save of implicit wrote.',
  'Such files hold no ratings: nothing is left out of lists as seen. Those of implicit hold no ids: users and items are named by their row, from 0.',
  'Options of the training that the file does not tell are the defaults of train; they matter when rows are folded in.',
];
const examples = [
  'seesaw import als-model --output model',
  'seesaw import implicit.npz --output model && seesaw similar model --item 318',
];

/** Adds `seesaw import`. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .summary('take over a model of Spark or implicit')
    .description('Takes over a model that Spark or implicit has trained.')
    .argument('<path>', 'folder of Spark, or .npz file of implicit')
    .requiredOption('--output <folder>', 'folder for the model')
    .option('--json', 'print one JSON object')
    .action(runImport);
  addNotes(command, notes, examples);
}

async function runImport(
  path: string,
  { output, json }: { readonly output: string; readonly json?: true },
): Promise<void> {
  const model = await loadModel(path);
  await model.save(output);
  const { rank, userIds, itemIds } = model;
  if (json) {
    process.stdout.write(
      jsonLine({ path: output, rank, users: userIds.length, items: itemIds.length }),
    );
    return;
  }
  const text =
    `imported ${counted(userIds.length, 'user')} and ${counted(itemIds.length, 'item')} of rank ${rank} into ${output}` +
    (model.hasSeen ? '' : '; it holds no ratings: lists leave nothing out as seen');
  process.stdout.write(`${wrapText(text, { columns: proseColumns(process.stdout), indent: 2 })}\n`);
}
