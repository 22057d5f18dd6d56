/**
 * Runs every benchmark in turn; `--quick` takes less than five minutes.
 *
 *     npm run bench
 *     npm run bench -- --quick
 *     npm run bench -- --json > figures.jsonl
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const benchmarks = [
  'iteration-speed',
  'actor-overhead',
  'kernel-ceiling',
  'solver-quality',
  'load-ratings',
  'file-to-model',
] as const;

for (const name of benchmarks) {
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  if (!process.argv.includes('--json')) process.stdout.write(`\n## ${name}\n\n`);
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
