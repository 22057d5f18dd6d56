/**
 * Runs every benchmark in turn; `--quick` takes less than five minutes.
 *
 *     npm run bench
 *     npm run bench -- --quick
 *     npm run bench -- --json > figures.jsonl
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Spark needs many iterations to agree on the loss, and minutes for each at 20 M ratings. */
const besideSpark = ['--peers', 'spark', '--cases', '1m', '--ranks', '64', '--iterations', '18'];

const isQuick = process.argv.includes('--quick');
const runs: readonly (readonly [name: string, ...args: string[]])[] = [
  ['iteration-speed'],
  ...(isQuick ? [] : [['iteration-speed', ...besideSpark] as const]),
  ['top-n'],
  ['actor-overhead'],
  ['kernel-ceiling'],
  ['solver-quality'],
  ['model-changes'],
  ['explicit-quality'],
  ['defaults'],
  ['id-costs'],
  ['load-ratings'],
  ['file-to-model'],
];

for (const [name, ...args] of runs) {
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  if (!process.argv.includes('--json'))
    process.stdout.write(`\n## ${[name, ...args].join(' ')}\n\n`);
  const { status } = spawnSync(process.execPath, [script, ...args, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
