import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import ts from 'typescript';

/** Folder → what its files may import besides their own folder and `node:` modules. */
const allowed: Record<string, readonly string[]> = {
  src: [],
  actors: ['src'],
  dataflow: ['src', 'actors'],
  examples: ['seesaw', 'rxjs', 'fastify', 'hono', 'pg'],
};

/** Foreign package → the one file or folder through which it enters. */
const doors: Record<string, string> = {
  nact: 'actors/actor-system.ts',
  '@nats-io/jetstream': 'actors/placements/nodes/transport/',
  '@nats-io/obj': 'actors/placements/nodes/transport/',
  '@nats-io/transport-node': 'actors/placements/nodes/transport/',
  piscina: 'actors/placements/threads/',
  flatqueue: 'actors/planning/simulation/',
  '@duckdb/node-api': 'src/io/duckdb.ts',
  'apache-arrow': 'src/io/arrow/',
  fzstd: 'src/io/decompress.ts',
  webgpu: 'src/kernels/gpu/device/dawn.ts',
  'gpu.js': 'src/kernels/gpu/gpu-js/',
  rxjs: 'dataflow/',
};

/** Inside these, a folder imports only folders to its left. */
const orders: Record<string, readonly string[]> = {
  src: ['ratings', 'kernels', 'training', 'io', 'model', 'evaluation', 'watch'],
  'src/kernels/gpu': ['device', 'ranking', 'wgsl', 'gpu-js'],
  'actors/placements/nodes': [
    'transport',
    'seal',
    'protocol',
    'cluster',
    'scheduling',
    'rows',
    'worker',
  ],
};

/** They may import everything, and nothing imports them. */
const isCompositionRoot = (file: string) =>
  file === 'src/index.ts' || file.startsWith('src/cli/') || file.startsWith('src/server/');

for (const [folder, targets] of Object.entries(allowed)) {
  test(`${folder} imports only ${[folder, ...targets].join(', ')} and what enters there`, (t) => {
    for (const { file, target, isDynamic } of importsUnder(folder)) {
      const top = target.split('/')[0]!;
      const door = Object.entries(doors).find(([name]) => target === name);
      const permitted =
        target.startsWith('node:') ||
        top === folder ||
        targets.includes(top) ||
        (door !== undefined && file.startsWith(door[1]));
      t.true(permitted, `${file} imports ${target}${isDynamic ? ' dynamically' : ''}`);
      t.false(isCompositionRoot(target.replace(/\.js$/, '.ts')), `${file} imports ${target}`);
    }
  });
}

for (const [folder, order] of Object.entries(orders)) {
  test(`inside ${folder}, imports go from right to left`, (t) => {
    for (const { file, target } of importsUnder(folder)) {
      const from = order.indexOf(relative(folder, file).split('/')[0]!);
      const to = order.indexOf(relative(folder, target).split('/')[0]!);
      if (from < 0 || to < 0) continue;
      t.true(to <= from, `${file} imports ${target}`);
    }
  });
}

test('no file imports itself through others, not even types', (t) => {
  const folders = ['src', 'actors', 'dataflow', 'examples', 'benchmarks', 'page', 'test'];
  const targetsOf = new Map<string, string[]>();
  for (const { file, target } of folders.flatMap((each) => importsUnder(each, true))) {
    const name = file.replace(/\.tsx?$/, '');
    targetsOf.set(name, [...(targetsOf.get(name) ?? []), target.replace(/\.js$/, '')]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) t.fail(`a circle: ${[...path.slice(at), file].join(' → ')}`);
    if (at >= 0 || done.has(file)) return;
    for (const target of targetsOf.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targetsOf.keys()) visit(file, []);
  t.true(done.size > 500, 'files were found');
});

test('what only a service needs is loaded when one is made', (t) => {
  const reached = loadedWith(['src/index.ts']);

  t.true(reached.has('src/server/create-service.ts'));
  t.deepEqual(
    [...reached].filter((name) => /^(@?fastify|prom-client|croner|ajv)/.test(name)),
    [],
  );
});

test('what only nodes need is loaded when a job is to run there', (t) => {
  const reached = loadedWith(['src/index.ts']);

  t.true(reached.has('actors/placements/nodes/nodes.ts'));
  t.true(reached.has('actors/placements/nodes/worker/start-worker.ts'));
  t.deepEqual(
    [...reached].filter((name) =>
      /nodes-executor|nodes\/(transport\/nats|worker\/worker)\.ts/.test(name),
    ),
    [],
  );
});

test('help and complaints of the command line load nothing that trains or reads', (t) => {
  const flags = readdirSync('src/cli')
    .filter((name) => name.endsWith('-flags.ts'))
    .map((name) => `src/cli/${name}`);

  const reached = loadedWith(['src/cli/main.ts', ...flags]);

  t.true(reached.has('src/cli/commands.ts') && reached.has('src/cli/train-flags.ts'));
  const isLight = (name: string) =>
    /^(node:|commander$|src\/)/.test(name) || name === 'dataflow/search/distributions.ts';
  t.deepEqual(
    [...reached].filter((name) => !isLight(name)),
    [],
  );
});

/** The files and packages that load with `roots`, types and what is imported later left out. */
function loadedWith(roots: readonly string[]): Set<string> {
  const targetsOf = new Map<string, string[]>();
  for (const folder of ['src', 'actors', 'dataflow']) {
    for (const { file, target, isDynamic, isType } of importsUnder(folder, true)) {
      if (isDynamic || isType) continue;
      targetsOf.set(file, [...(targetsOf.get(file) ?? []), target.replace(/\.js$/, '.ts')]);
    }
  }
  const reached = new Set(roots);
  for (const file of reached) for (const target of targetsOf.get(file) ?? []) reached.add(target);
  return reached;
}

interface Import {
  readonly file: string;
  /** A package, or a path from the project's root. */
  readonly target: string;
  readonly isDynamic: boolean;
  /** All of it is types, which are gone when it runs. */
  readonly isType: boolean;
}

function importsUnder(folder: string, withRoots = false): Import[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('/assembly/'))
    .filter((file) => withRoots || !isCompositionRoot(file));
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return ts.preProcessFile(text).importedFiles.map(({ fileName, pos }) => ({
      file,
      target: fileName.startsWith('.') ? relative('.', join(dirname(file), fileName)) : fileName,
      isDynamic: /import\(\s*$/.test(text.slice(0, pos)),
      isType: /^(im|ex)port type [^;]*$/m.test(text.slice(text.lastIndexOf(';', pos) + 1, pos)),
    }));
  });
}
