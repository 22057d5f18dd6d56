import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From build/src/cli to the root of the package. */
const root = new URL('../../../', import.meta.url);

/** The MovieLens ratings of a checkout, as a path from here; undefined in the npm package. */
export function bundledRatings(): string | undefined {
  const file = fileURLToPath(new URL('examples/data/movielens-small/ratings.csv', root));
  return existsSync(file) ? shortPath(file) : undefined;
}

/** How to start this program again from here. */
export function ownCommand(): string {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  return /[\\/]node_modules[\\/]/.test(main) ? 'npx seesaw' : `node ${shellWord(shortPath(main))}`;
}

/** `text` as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Relative to the working directory where that is shorter. */
function shortPath(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.length < file.length ? fromHere : file;
}
