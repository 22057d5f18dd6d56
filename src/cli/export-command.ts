import { resolve } from 'node:path';
import type { ExportFormat } from '../model/exchange/export-formats.js';
import { exportModel } from '../model/exchange/export-model.js';
import { loadModel } from '../model/store/load-model.js';
import { UsageError } from './exit-status.js';
import type { ExportFlags } from './export-flags.js';
import { counted } from './figures.js';
import { interruptions } from './interruption.js';
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

/** Runs `seesaw export`. */
export async function runExport(path: string, { to, output, json }: ExportFlags): Promise<void> {
  const signal = interruptions();
  const model = await loadModel(path);
  if (output === '') throw new UsageError('found an empty --output; expected a path');
  const exported = await exportModel(model, output ?? `${resolve(path)}${endings[to]}`, {
    ...{ to, signal },
  });
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
