/**
 * Makes one file that runs the GPU benchmark on a machine without Node and network: this Node, Dawn,
 * gpu.js, the built project, and the libraries that Vulkan loads drivers with.
 *
 *     npm run bench:gpu:bundle -- --out seesaw-gpu.sh
 *     sh seesaw-gpu.sh --json                # there: Linux x64, glibc 2.34 or newer, a driver
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './lib/machine.js';

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'seesaw-gpu.sh' },
    // 0 is quick, 9 is small.
    effort: { type: 'string', default: '6' },
  },
});

/** What is loaded while the benchmark runs; what saves models or reads files is not. */
const packages = ['rxjs', 'nact', 'piscina', 'gpu.js', 'webgpu'];
/** What packages have beside the code that Node runs. */
const superfluous =
  /\.(map|md|ts|mts|cts|flow)$|rxjs\/(src|dist\/(bundles|types|esm5))|gpu\.js\/(dist|test|examples)|webgpu\/dist\/(?!linux-x64)/;
/** The loader, and what NVIDIA's driver asks for and images without a screen lack. */
const libraries = [
  ...['libvulkan.so.1', 'libGLdispatch.so.0', 'libX11.so.6', 'libXext.so.6', 'libxcb.so.1'],
  ...['libXau.so.6', 'libXdmcp.so.6', 'libbsd.so.0', 'libmd.so.0'],
];

/** Goes before the packed files. */
const unpack = `#!/bin/sh
# Runs Seesaw's GPU benchmark; what follows this text is packed. Takes the flags of benchmarks/gpu.ts.
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
start=$(($(sed -n '/^packed:$/{=;q}' "$0") + 1))
if command -v xz >/dev/null; then
  tail -n "+$start" "$0" | xz -dc | tar -xf - -C "$folder"
else
  tail -n "+$start" "$0" | python3 -c '
import sys, tarfile
tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1])' "$folder"
fi || { echo 'expected xz or python3 to unpack with' >&2; exit 1; }
sh "$folder/gpu-bundle-run.sh" "$@"
exit
packed:
`;

const copied = new Set<string>();
const root = fileURLToPath(new URL('../..', import.meta.url));
if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error(`found ${process.platform} ${process.arch}; expected linux x64 to bundle for`);
}
const folder = mkdtempSync(join(tmpdir(), 'seesaw-bundle-'));
try {
  copyFileSync(realpathSync(process.execPath), join(folder, 'node'));
  chmodSync(join(folder, 'node'), 0o755);
  // Symbols are half of what packs badly; Node runs without.
  spawnSync('strip', [join(folder, 'node')], { stdio: 'ignore' });
  for (const part of ['package.json', 'build/src', 'build/actors', 'build/dataflow']) copy(part);
  copy('build/benchmarks');
  copyFileSync(join(root, 'benchmarks/gpu-bundle-run.sh'), join(folder, 'gpu-bundle-run.sh'));
  for (const name of packages) copyPackage(name, root);
  copyLibraries();
  writeFileSync(join(folder, 'commit'), describeMachine().commit);
  pack();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${flags.out}: ${(statSync(flags.out).size / 1e6).toFixed(1)} MB\n`);

/** Copies a file or folder of the project to the same place in the bundle. */
function copy(path: string): void {
  cpSync(join(root, path), join(folder, path), {
    recursive: true,
    dereference: true,
    filter: (from) => !superfluous.test(from) && !/\/node_modules$/.test(from),
  });
}

/** Copies a package and what it depends on, as Node finds it from `from`. */
function copyPackage(name: string, from: string): void {
  const found = packageFolder(name, from);
  // An optional one that is not installed.
  if (found === undefined || copied.has(found)) return;
  copied.add(found);
  copy(relative(root, found));
  const manifest = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8'));
  const needed = { ...manifest.dependencies, ...manifest.optionalDependencies };
  for (const dependency of Object.keys(needed)) copyPackage(dependency, found);
}

function packageFolder(name: string, from: string): string | undefined {
  const here = join(from, 'node_modules', name);
  if (existsSync(here)) return here;
  return from === root || from === '/' ? undefined : packageFolder(name, dirname(from));
}

function copyLibraries(): void {
  mkdirSync(join(folder, 'lib'));
  const known = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  for (const name of libraries) {
    const line = known.split('\n').find((each) => each.trim().startsWith(`${name} (libc6,x86-64`));
    const path = line?.split('=> ')[1];
    if (path !== undefined) copyFileSync(realpathSync(path), join(folder, 'lib', name));
    else process.stderr.write(`${name} is not here, so the bundle is without\n`);
  }
}

function pack(): void {
  const packed = `${folder}.tar.xz`;
  const tar = ['--owner=0', '--group=0', '-C', folder, '-cf', packed];
  execFileSync('tar', [...tar, '-I', `xz -${flags.effort} -T0`, '.']);
  writeFileSync(flags.out, unpack, { mode: 0o755 });
  writeFileSync(flags.out, readFileSync(packed), { flag: 'a' });
  rmSync(packed);
}
