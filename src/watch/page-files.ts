import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WatchError } from '../errors.js';

/** A file of the built page. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Where the build leaves the page: beside `build/src`. */
const folder = fileURLToPath(new URL('../../watch-page/', import.meta.url));

/** The page by path, `/index.html` and what it loads. Throws `WatchError` if it is not built. */
export async function readPage(): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const known = names.filter((name) => types[extname(name)] !== undefined);
  if (!known.includes('index.html')) {
    throw new WatchError(
      `found no page in ${folder}; expected what the build leaves there; try npm run build:page`,
    );
  }
  const files = known.map(async (name) => {
    const content = await readFile(join(folder, name));
    const type = types[extname(name)]!;
    return [`/${name.replaceAll('\\', '/')}`, { type, content }] as const;
  });
  return new Map(await Promise.all(files));
}
