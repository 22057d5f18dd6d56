/*
 * Compiles the kernels to build/src/kernels/wasm/als-<build>.wasm, once a build, unless the binaries are
 * newer than every source. `npm run build:kernels`.
 *
 * Debug builds, with assertions and guards, go to build/debug-kernels, which is not published; with
 * --release there are none.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '../../../..');
const release = {
  outFolder: join(root, 'build/src/kernels/wasm'),
  flags: ['--noAssert', '-O3', '--converge'],
};
const debug = { outFolder: join(root, 'build/debug-kernels'), flags: ['-O1', '--debug'] };
const kinds = process.argv.includes('--release') ? [release] : [release, debug];
const builds = { simd128: ['simd'], 'relaxed-simd': ['simd', 'relaxed-simd'] };

const newestSource = Math.max(
  ...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs),
);

for (const { outFolder, flags } of kinds) {
  mkdirSync(outFolder, { recursive: true });
  for (const [build, features] of Object.entries(builds)) {
    const out = join(outFolder, `als-${build}.wasm`);
    const builtAt = statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (builtAt > newestSource) continue;

    // No exports of memory, and no data segments where memory is in use: threads share it.
    const { error, stderr } = await asc.main([
      join(folder, 'index.ts'),
      ...['--outFile', out],
      ...['--enable', ['threads', ...features].join(',')],
      ...['--runtime', 'stub', ...flags],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ]);
    if (error) {
      console.error(stderr.toString());
      console.error(error.message);
      process.exit(1);
    }
  }
}
