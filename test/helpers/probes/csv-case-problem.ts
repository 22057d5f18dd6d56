import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SeesawError } from '../../../src/errors.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { Id } from '../../../src/ratings/id-vocabulary.js';
import type { CsvCase } from '../builders/csv-cases.js';
import { triplesByUser } from '../builders/rating-triples.js';

/** What is wrong with how a case is read; undefined if nothing is. Its files are put into `folder`. */
export async function csvCaseProblem(csv: CsvCase, folder: string): Promise<string | undefined> {
  const files: string[] = [];
  for (const { name, bytes } of csv.files) {
    files.push(join(folder, name));
    await writeFile(join(folder, name), bytes);
  }
  const found = await readRatings({ files }, csv.options).then(triplesByUser, (error) => error);
  if (found instanceof Error) {
    if (!(found instanceof SeesawError)) return `untyped: ${found.stack}`;
    const place = /line (\d+) of (\S+)/.exec(found.message);
    const isPlace =
      csv.at === undefined ||
      (place?.[1] === String(csv.at.line) && place[2]!.includes(csv.at.file));
    return csv.must !== 'read' && isPlace ? undefined : `refused: ${found.message}`;
  }
  if (csv.must === 'refuse') return 'a bad file was read';
  if (csv.rows === undefined) return undefined;
  const [is, was] = [textOf(found), textOf(expectedRows(csv.rows))];
  return is === was ? undefined : `read ${is}\nexpected ${was}`;
}

/** The last rating of each pair; ids are numbers where all of a column are whole. */
function expectedRows(rows: NonNullable<CsvCase['rows']>): [Id, Id, number][] {
  const last = new Map<string, readonly string[]>();
  for (const row of rows) last.set(JSON.stringify(row.slice(0, 2)), row);
  const kept = [...last.values()];
  const idsOf = (at: number) =>
    kept.every((row) => /^(0|-?[1-9]\d*)$/.test(row[at]!)) ? wholeId : (text: string): Id => text;
  const [user, item] = [idsOf(0), idsOf(1)];
  return kept.map(([u, i, rating = '1']) => [user(u!), item(i!), Math.fround(Number(rating))]);
}

function wholeId(text: string): Id {
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : BigInt(text);
}

function textOf(rows: readonly (readonly [Id, Id, number])[]): string {
  const lines = rows.map((row) =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
  return lines.sort().join('\n');
}
