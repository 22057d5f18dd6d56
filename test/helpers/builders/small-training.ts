import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryFolder, writeTwoTastes } from '../programs/command-line.js';

/** A folder with ratings, and arguments of the command line to train on them quickly. */
export function smallTraining(t: ExecutionContext) {
  const { path: folder, remove } = temporaryFolder();
  t.teardown(remove);
  const file = writeTwoTastes(folder);
  const model = join(folder, 'model');
  const small = ['--rank', '4', '--iterations', '3', '--threads', '0'];
  return { folder, file, model, args: ['train', file, '--output', model, ...small] };
}
