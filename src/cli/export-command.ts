import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ExportFormat, exportFormats, exportModel } from '../model/exchange/export-model.js';
import { loadModel } from '../model/store/load-model.js';
import { UsageError } from './exit-status.js';
import { counted } from './figures.js';
import { addNotes } from './help-text.js';
import { jsonLine } from './json-line.js';
import { proseColumns, wrapText } from './wrap-text.js';

/** What the default name of an export ends with; a folder or a file. */
const endings: Readonly<Record<ExportFormat, string>> = {
  parquet: '-parquet',
  arrow: '-arrow',
  npy: '-npy',
  npz: '.npz',
  safetensors: '.safetensors',
  csv: '-csv',
  pgvector: '.sql',
  spark: '-spark',
};

const notes = [
  'The product of a user row and an item row is the score. Ids always travel along. Titles and the ratings of the training do not.',
  'npz is what implicit loads, spark what ALSModel.load loads, pgvector what psql reads.',
];
const examples = [
  'seesaw export model --to parquet',
  'seesaw export model --to spark --output als-model',
  'seesaw export model --to pgvector --output factors.sql && psql -f factors.sql shop',
];

/** Adds `seesaw export`. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .summary('write a model for other tools')
    .description('Writes the factors and ids of a model for other tools.')
    .argument('<model>', "folder that 'seesaw train' made")
    .addOption(new Option('--to <format>', 'format').choices(exportFormats).makeOptionMandatory())
    .option('--output <path>', 'file or folder to make (default: beside the model, named after it)')
    .option('--json', 'print one JSON object')
    .action(runExport);
  addNotes(command, notes, examples);
}

interface ExportFlags {
  readonly to: ExportFormat;
  readonly output?: string;
  readonly json?: true;
}

async function runExport(path: string, { to, output, json }: ExportFlags): Promise<void> {
  const model = await loadModel(path);
  if (output === '') throw new UsageError('found an empty --output; expected a path');
  const exported = await exportModel(model, output ?? `${resolve(path)}${endings[to]}`, { to });
  const users = model.userIds.length;
  const items = model.itemIds.length;
  if (json) {
    process.stdout.write(jsonLine({ ...exported, format: to, users, items }));
    return;
  }
  const columns = proseColumns(process.stdout);
  const lines = [
    `wrote ${counted(users, 'user')} and ${counted(items, 'item')} as ${to} to ${output ?? exported.path}`,
    ...exported.notes,
  ];
  process.stdout.write(
    `${lines.map((line) => wrapText(line, { columns, indent: 2 })).join('\n')}\n`,
  );
}
