/*
 * Builds what the command line needs, where a source is newer than the last build. Types are not
 * checked: `npm run build` does that, and builds all the rest. `npm start` runs it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const build = join(root, 'build');
const stamp = join(build, 'start.stamp');
const assembly = join(root, 'src/kernels/wasm/assembly');
const folders = ['src', 'actors', 'dataflow'].map((name) => join(root, name));
const page = join(root, 'page');
const settings = [
  'tsconfig.json',
  'tsconfig.start.json',
  'package-lock.json',
  'build-for-start.js',
];

/** When a file last changed; 0 without it. */
const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** When a file, or anything in a folder, last changed; a file that was removed changes its folder. */
function newestIn(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

/** Whether nothing has changed since this script built. */
function isAsBefore() {
  const newest = Math.max(
    ...[...folders, page].map(newestIn),
    ...settings.map((name) => changedAt(join(root, name))),
  );
  return changedAt(stamp) >= newest;
}

/** Whether every source has been compiled since it changed, as after `npm run build`. */
function isCompiled(folder) {
  return readdirSync(folder, { withFileTypes: true }).every((entry) => {
    const path = join(folder, entry.name);
    const compiled = join(build, relative(root, path));
    if (path === assembly) {
      const kernels = ['simd128', 'relaxed-simd'].map((name) => `../als-${name}.wasm`);
      return kernels.every((name) => changedAt(join(compiled, name)) > newestIn(path));
    }
    if (entry.isDirectory()) return isCompiled(path);
    if (!path.endsWith('.ts') || path.endsWith('.d.ts')) return true;
    return changedAt(compiled.replace(/ts$/, 'js')) > changedAt(path);
  });
}

/** Whether the page of `--watch` is newer than its sources. */
function isPageBuilt() {
  return changedAt(join(build, 'watch-page/index.html')) > newestIn(page);
}

async function run(script, ...args) {
  const stdio = ['ignore', 2, 2];
  const [status] = await once(
    spawn(process.execPath, [join(root, script), ...args], { stdio }),
    'close',
  );
  if (status !== 0) process.exit(status ?? 1);
}

const startedAt = Date.now();
const main = join(build, 'src/cli/main.js');
if (changedAt(main) === 0 || !(isAsBefore() || (folders.every(isCompiled) && isPageBuilt()))) {
  process.stderr.write('building …\n');
  mkdirSync(build, { recursive: true });
  await Promise.all([
    run('src/kernels/wasm/assembly/build.js', '--release'),
    run('node_modules/typescript-7/bin/tsc', '-p', join(root, 'tsconfig.start.json')),
    run('node_modules/vite/bin/vite.js', 'build', join(root, 'page')),
  ]);
  // What changed while it was built is built the next time.
  writeFileSync(stamp, `${startedAt}\n`);
  utimesSync(stamp, startedAt / 1000, startedAt / 1000);
}
