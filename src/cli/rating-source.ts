import { bundledRatings } from './bundled-data.js';
import { UsageError } from './exit-status.js';
import { findTitles, loadTitles, noTitles, type Titles } from './titles.js';

/** Where the ratings come from: files, or a query. */
export interface RatingSource {
  /** For people. */
  readonly name: string;
  readonly files: readonly string[];
  readonly sql: string | undefined;
}

/**
 * The source that the arguments of `command` name; without arguments, in a checkout, the bundled
 * ratings.
 * Throws `UsageError` for none and for both.
 */
export function chooseSource(
  command: 'train' | 'search',
  paths: readonly string[],
  sql: string | undefined,
): RatingSource {
  if (sql !== undefined) {
    if (paths.length > 0) throw new UsageError('found files and --sql; expected one of the two');
    return { name: 'the query', files: [], sql };
  }
  const bundled = paths.length === 0 ? bundledRatings() : undefined;
  const files = bundled === undefined ? paths : [bundled];
  if (files.length === 0) {
    throw new UsageError(
      `found no file to ${command === 'train' ? 'train on' : 'search with'}; ` +
        `expected ratings as CSV, TSV, Parquet or JSON; try 'seesaw ${command} ratings.csv'`,
    );
  }
  return { name: nameOfFiles(files), files, sql };
}

/** The files for people: `ratings.csv and 2 more`. */
export function nameOfFiles([first, ...others]: readonly string[]): string {
  const name = first === '-' ? 'standard input' : first!;
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}

/** The titles of the flags, else those beside the ratings; none with `--no-titles`. */
export async function chooseTitles(
  { files }: RatingSource,
  { titles, item }: { readonly titles?: string | false; readonly item?: string },
): Promise<Titles> {
  if (titles === false) return noTitles;
  if (titles !== undefined) return loadTitles(titles, item);
  return files.length === 0 ? noTitles : findTitles(files[0]!, item);
}
