import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { fromFile, holdout, type Ratings } from 'seesaw';
import { type CaseFiles, caseFiles } from './case-files.js';
import { caseNamed } from './cases.js';

/** Ratings to train on, and some withheld. */
export interface QualityFiles extends CaseFiles {
  /** See `QualityTrial.test`. */
  readonly test: string;
}

/** A file of ratings as the libraries read it, a tenth of each user's ratings withheld. Made once. */
export async function filesOfRatings(path: string, name: string): Promise<QualityFiles> {
  const folder = join(tmpdir(), 'seesaw-bench', `quality-${name}`);
  const split = await firstValueFrom(fromFile(path).pipe(holdout({ fraction: 0.1, seed: 7 })));
  const files = { folder, test: join(folder, 'test.i32') };
  const { rowCount: users, columnCount: items } = split.train.byUser;
  if (!existsSync(files.test)) {
    mkdirSync(folder, { recursive: true });
    const train = columnsOf(split.train);
    writeFileSync(join(folder, 'users.i32'), train.users);
    writeFileSync(join(folder, 'items.i32'), train.items);
    writeFileSync(join(folder, 'ratings.f32'), train.ratings);
    const test = columnsOf(split.test);
    writeFileSync(files.test, Buffer.concat([bytes(test.users), bytes(test.items)]));
  }
  return { ...files, users, items };
}

/** The generated case of that name; none are withheld, so NDCG is not measured on it. */
export async function filesOfCase(name: string): Promise<QualityFiles> {
  const files = await caseFiles(caseNamed(name), [], 42);
  const test = join(files.folder, 'no-test.i32');
  if (!existsSync(test)) writeFileSync(test, '');
  return { ...files, test };
}

/** Whether a case lies as a file or is generated. */
export async function qualityFiles(nameOrPath: string): Promise<QualityFiles> {
  if (!existsSync(nameOrPath)) return filesOfCase(nameOrPath);
  return filesOfRatings(nameOrPath, nameOrPath.replace(/[^\w]+/g, '-'));
}

function columnsOf({ byUser: { rowCount, offsets, columns, ratings } }: Ratings) {
  const users = new Int32Array(columns.length);
  for (let row = 0; row < rowCount; row++) users.fill(row, offsets[row]!, offsets[row + 1]!);
  return { users, items: Int32Array.from(columns), ratings: Float32Array.from(ratings) };
}

function bytes(elements: Int32Array): Buffer {
  return Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength);
}
