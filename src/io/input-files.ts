import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidOptionError, SourceError } from '../errors.js';
import { copyStdin, download } from './copy-input.js';
import type { Database } from './database.js';
import { firstBytes } from './decompress.js';
import { emptyFile, expandPath, isUrl } from './expand-path.js';
import type { InputFile } from './input-file.js';

/** What files are called: a path, a pattern, `-` for standard input, or a `file:` URL. */
export type FileName = string | URL;

export type FileFormat = 'csv' | 'parquet' | 'json';

/**
 * The files behind names, in order. A folder that Spark wrote stands for its parts, and with `hive`
 * one with folders such as year=2024 for all that is in them. Standard input is copied, and so is what
 * comes from http: or https: if the network may be used: every path is one of this machine.
 *
 * Throws `SourceError` for what is not there or cannot be read so, or `InvalidOptionError`.
 */
export async function inputFiles(
  database: Database,
  names: readonly FileName[],
  { hive, network }: { readonly hive: boolean; readonly network: boolean },
): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const name of names) {
    const path = String(name);
    const folder = isUrl(path) ? undefined : await folderFiles(path, hive);
    if (folder !== undefined) files.push(...folder);
    else if (path === '-' || path === '/dev/stdin') files.push(await copyStdin(database));
    else {
      for (const found of await expandPath(database, path, network)) {
        files.push(isUrl(found) ? await download(database, found) : { path: found, name: found });
      }
    }
  }
  return files;
}

/** The path of a name that another process can read. Throws `InvalidOptionError` if it has none. */
export function pathOf(name: FileName): string {
  const text = String(name);
  if (text.startsWith('file://')) return fileURLToPath(text);
  if (!isUrl(text) && text !== '-' && text !== '/dev/stdin') return text;
  throw new InvalidOptionError(
    'readBy',
    `found readBy: 'workers' with ${JSON.stringify(text)}; expected files in folders that workers ` +
      'see; try a path, or leave readBy out',
  );
}

/** The format of files, by their endings. Throws `InvalidOptionError` for several formats. */
export async function formatOf(files: readonly InputFile[]): Promise<FileFormat> {
  const formats = new Set<FileFormat>();
  for (const { path, name } of files) {
    formats.add(formatByEnding(name) ?? (await byContent(path)));
  }
  if (formats.size === 1) return [...formats][0]!;
  throw new InvalidOptionError(
    'files',
    `found ${[...formats].join(' and ')} files; expected one format; try one read for each`,
  );
}

/** The format by the ending of a name, if that is a known one. */
export function formatByEnding(name: string): FileFormat | undefined {
  const plain = name.toLowerCase().replace(/\.(gz|zst)$/, '');
  if (/\.(parquet|pq)$/.test(plain)) return 'parquet';
  if (/\.(json|ndjson|jsonl)$/.test(plain)) return 'json';
  return /\.(csv|tsv|txt|dat|data)$/.test(plain) ? 'csv' : undefined;
}

async function byContent(path: string): Promise<FileFormat> {
  const first = (await firstBytes(path, 64)).toString('latin1');
  if (first.startsWith('PAR1')) return 'parquet';
  return /^(\xef\xbb\xbf)?\s*(\{|\[\s*[{\]])/.test(first) ? 'json' : 'csv';
}

/** Files of a folder that a program wrote as one table. */
async function folderFiles(folder: string, hive: boolean): Promise<InputFile[] | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const entries = await readdir(folder, { recursive: hive, withFileTypes: true });
  const isPart = hive ? /^[^._]/ : /^part-/;
  const paths = entries
    .filter((entry) => entry.isFile() && isPart.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const isSpark = entries.some(({ name }) => name === '_SUCCESS');
  const isHive = entries.some((entry) => entry.isDirectory() && /^[^.=]+=/.test(entry.name));
  if (!hive && isHive) {
    throw new SourceError(
      'ERR_IS_DIRECTORY',
      `found the folder ${folder} with folders such as year=2024 in it; expected a file; ` +
        'try hive: true, which reads all files in it and makes columns of these names',
    );
  }
  const filled: InputFile[] = [];
  if (hive || isSpark) {
    for (const path of paths) {
      // Workers without rows leave empty parts.
      if ((await stat(path)).size > 0) filled.push({ path, name: path });
    }
    if (filled.length === 0) throw emptyFile(folder);
    return filled;
  }
  return undefined;
}
