import { InvalidOptionError } from '../errors.js';
import type { Column } from './column-types.js';

/** Names and values of the folders of a path such as year=2024. */
export function partitionsOf(path: string): [name: string, value: string][] {
  return [...path.matchAll(/(?<=^|[/\\])([^=/\\]+)=([^/\\]*)(?=[/\\])/g)].map(([, name, value]) => [
    name!,
    value!,
  ]);
}

/** Throws `InvalidOptionError` for a folder that is called as a column in the files: they may differ. */
export function checkPartitions(
  partitions: readonly (readonly [name: string, ...unknown[]])[],
  columns: readonly Column[],
  source: string,
): void {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const clash = partitions.find(([name]) => names.has(name.toLowerCase()));
  if (clash === undefined) return;
  throw new InvalidOptionError(
    'hive',
    `found a column ${JSON.stringify(clash[0])} in files of ${source}, whose folders name one too; ` +
      'expected it in one of the two; rename the folders, or read the files by a pattern without hive',
  );
}
