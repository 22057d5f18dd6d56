/*
 * Builds what the command line needs, where a source is newer than the last build. Types are not
 * checked: `npm run build` does that, and builds all the rest. `npm start` runs it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const stamp = join(root, 'build/start.stamp');
const sources = [
  ...['src', 'actors', 'dataflow', 'tsconfig.json', 'tsconfig.start.json'],
  ...['package-lock.json', 'build-for-start.js'],
].map((name) => join(root, name));

/** When a file, or anything in a folder, last changed; a file that was removed changes its folder. */
function newestIn(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

async function run(script, ...args) {
  const stdio = ['ignore', 2, 2];
  const [status] = await once(
    spawn(process.execPath, [join(root, script), ...args], { stdio }),
    'close',
  );
  if (status !== 0) process.exit(status ?? 1);
}

const main = join(root, 'build/src/cli/main.js');
const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const startedAt = Date.now();
if (changedAt(main) === 0 || changedAt(stamp) < Math.max(...sources.map(newestIn))) {
  process.stderr.write('building …\n');
  mkdirSync(join(root, 'build'), { recursive: true });
  await Promise.all([
    run('src/kernels/assembly/build.js'),
    run('node_modules/typescript/bin/tsc', '-p', join(root, 'tsconfig.start.json')),
  ]);
  // What changed while it was built is built the next time.
  writeFileSync(stamp, `${startedAt}\n`);
}
