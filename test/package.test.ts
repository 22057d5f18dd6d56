import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);

/** The program that a new user writes first. */
const program = `
import { fromRatings, holdout, train, threads, loadModel } from 'seesaw';

const rows = Array.from({ length: 400 }, (_, n) => ({ user: 'u' + (n % 40), item: 'i' + ((n * 7) % 31), rating: 1 + (n % 5) }));
fromRatings(rows)
  .pipe(holdout({ fraction: 0.1, seed: 7 }), train({ rank: 8, iterations: 3, placement: threads(2) }))
  .subscribe(async (event) => {
    if (event.type !== 'finished') return;
    await event.model.save('model');
    const model = await loadModel('model');
    console.log(JSON.stringify(model.recommend('u1', { count: 3 })));
  });
`;

const typed = `
import { fromFile, train, type TrainingEvent } from 'seesaw';
import type { Observable } from 'rxjs';

export const events$: Observable<TrainingEvent> = fromFile('ratings.csv').pipe(train({ rank: 8 }));
`;

/** NATS is installed by those who use nodes. */
const withoutNats = `
import { fromRatings, nodes, train } from 'seesaw';

fromRatings([{ user: 'ann', item: 'tea' }, { user: 'bob', item: 'jam' }])
  .pipe(train({ rank: 8, placement: nodes({ servers: 'nats://127.0.0.1:4222' }) }))
  .subscribe({
    error: (error) => {
      console.error(error.code, error.message.split('try ')[1]);
      process.exitCode = 1;
    },
  });
`;

test('the packed package installs in an empty folder, trains, and has types', async (t) => {
  t.timeout(180_000);
  const folder = await mkdtemp(join(tmpdir(), 'seesaw-package-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const packed = await run('npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ]);
  const [{ filename, files }] = parsePacked(packed.stdout);
  const paths = files.map(({ path }) => path);
  t.true(paths.includes('build/src/index.d.ts'));
  t.true(paths.includes('build/watch-page/index.html'));
  t.true(paths.includes('LICENSE') && paths.includes('README.md'));
  t.deepEqual(
    paths.filter((path) =>
      /^build\/(examples|test|benchmarks)\/|\.test\.|\.csv$|\.map$/.test(path),
    ),
    [],
  );
  t.deepEqual(brokenLinks(paths), []);

  const init = { name: 'user', version: '1.0.0', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(init));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  // What nodes() needs asks for a newer Node; it must not keep those out who do not use nodes.
  const install = ['install', '--engine-strict', ...flags];
  await run('npm', [...install, join(folder, filename)], { cwd: folder });
  await writeFile(join(folder, 'program.js'), program);
  await writeFile(join(folder, 'nodes.js'), withoutNats);
  await writeFile(join(folder, 'typed.ts'), typed);

  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  t.is(JSON.parse(stdout).length, 3);
  await run('npx', ['--no-install', 'seesaw', '--help'], { cwd: folder });

  await t.throwsAsync(run(process.execPath, ['nodes.js'], { cwd: folder }), {
    message: /ERR_PLACEMENT npm install @nats-io\/transport-node/,
  });

  // Without skipLibCheck: the declarations stand on their own.
  const tsc = resolve('node_modules/typescript-7/bin/tsc');
  const strict = ['--noEmit', '--strict', '--target', 'es2023'];
  for (const modules of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    const typecheck = run(process.execPath, [tsc, ...strict, ...modules, 'typed.ts'], {
      cwd: folder,
    });
    await t.notThrowsAsync(typecheck, modules.join(' '));
  }
});

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Links of packed pages to files and folders that are not packed. */
function brokenLinks(paths: readonly string[]): string[] {
  const pages = paths.filter((path) => path.endsWith('.md'));
  return pages.flatMap((page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)];
    return links
      .map(([, link]) => link!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const target = posix.join(posix.dirname(page), link);
        return !paths.some((path) => path === target || path.startsWith(`${target}/`));
      })
      .map((link) => `${page}: ${link}`);
  });
}

/** npm prints an array, or since version 12 an object by package name. */
function parsePacked(text: string): readonly Packed[] {
  return Object.values(JSON.parse(text) as Record<string, Packed>);
}

test('every entry of the lockfile has a checksum', (t) => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { readonly integrity?: string }>;
  };
  const without = Object.keys(packages).filter(
    (path) => path !== '' && !packages[path]!.integrity?.startsWith('sha512-'),
  );

  t.deepEqual(without, []);
  t.true(Object.keys(packages).length > 100);
});
