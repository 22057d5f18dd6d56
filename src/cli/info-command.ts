import {
  dataFileBytes,
  dataFilesOf,
  type Manifest,
  readManifest,
} from '../model/store/manifest.js';
import { asBytes, asCount, counted } from './figures.js';
import { flagOf } from './in-flags.js';
import { jsonLine } from './json-line.js';
import { proseColumns, wrapText } from './wrap-text.js';

/** Runs `seesaw info`. */
export async function runInfo(path: string, { json }: { readonly json?: true }): Promise<void> {
  const manifest = await readManifest(path);
  process.stdout.write(
    json
      ? jsonLine(plainInfo(path, manifest))
      : infoText(path, manifest, proseColumns(process.stdout)),
  );
}

function plainInfo(path: string, manifest: Manifest): object {
  return { path, ...manifest, bytes: dataFileBytes(manifest) };
}

function infoText(path: string, manifest: Manifest, columns: number): string {
  const { rank, users, items, ratings, titles, globalMean = 0, settings } = manifest;
  const rows: (readonly [label: string, text: string])[] = [
    ['model', `${path}, ${asBytes(dataFileBytes(manifest))}`],
    ['written by', `${manifest.writtenBy}, format ${manifest.formatVersion}`],
    [
      'factors',
      `rank ${rank}, of ${counted(users.count, 'user')} and ${counted(items.count, 'item')}`,
    ],
    ['ids', `${idNames[users.ids]} of users, ${idNames[items.ids]} of items`],
    [
      'trained on',
      ratings === undefined
        ? 'ratings that it does not hold: nothing is left out as seen'
        : `${counted(ratings.count, 'rating')}, which it leaves out of recommendations`,
    ],
  ];
  if (titles !== undefined) {
    rows.push(['titles', `of ${asCount(titles.count)} of ${counted(items.count, 'item')}`]);
  }
  if (globalMean !== 0) rows.push(['mean rating', globalMean.toFixed(4)]);
  // An interface has no index signature, but is an object of plain values.
  for (const [name, value] of Object.entries(settings as unknown as Record<string, unknown>)) {
    if (value !== undefined) rows.push([flagOf(name), valueText(value)]);
  }
  for (const [, { name, bytes }] of dataFilesOf(manifest)) {
    rows.push(['file', `${name}, ${asBytes(bytes)}`]);
  }
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return `${rows
    .map(([label, text]) => wrapText(label.padEnd(width) + text, { columns, indent: width }))
    .join('\n')}\n`;
}

const idNames = {
  string: 'text ids',
  number: 'numeric ids',
  bigint: 'large integer ids',
  integer: 'integer ids',
  mixed: 'ids of several types',
} as const;

function valueText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
