import { type Command, Option } from 'commander';
import { type ExportFormat, exportFormats } from '../model/exchange/export-formats.js';
import { addNotes } from './help-text.js';

/** Values of the flags of `export`. */
export interface ExportFlags {
  readonly to: ExportFormat;
  readonly output?: string;
  readonly json?: true;
}

const notes = [
  'The product of a user row and an item row is the score. Ids always travel along. Titles and the ratings of the training do not.',
  'npz is what implicit loads, spark what ALSModel.load loads, pgvector what psql reads.',
];
const examples = [
  'seesaw export model --to parquet',
  'seesaw export model --to spark --output als-model',
  'seesaw export model --to pgvector --output factors.sql && psql -f factors.sql shop',
];

/** Describes `export` and its flags. */
export function addExportFlags(command: Command): Command {
  command
    .summary('write a model for other tools')
    .description('Writes the factors and ids of a model for other tools.')
    .argument('<model>', "folder that 'seesaw train' made")
    .addOption(new Option('--to <format>', 'format').choices(exportFormats).makeOptionMandatory())
    .option('--output <path>', 'file or folder to make (default: beside the model, named after it)')
    .option('--json', 'print one JSON object');
  return addNotes(command, notes, examples);
}
