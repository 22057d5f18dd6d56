import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { firstProgram } from './helpers/builders/first-program.js';

const run = promisify(execFile);

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

test('the packed package trains beside the packages that it declares, and has types', async (t) => {
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
  await unpackWithDependencies(join(folder, filename), join(folder, 'node_modules'));
  await writeFile(join(folder, 'program.js'), firstProgram);
  await writeFile(join(folder, 'nodes.js'), withoutNats);
  await writeFile(join(folder, 'typed.ts'), typed);

  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  t.is(JSON.parse(stdout).length, 3);
  await run(process.execPath, ['node_modules/seesaw/build/src/cli/main.js', '--help'], {
    cwd: folder,
  });

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

interface LockedPackage {
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/**
 * Unpacks a package beside links to what npm installs with it; a long test has npm itself do it.
 * Packages for development alone are not there.
 */
async function unpackWithDependencies(tarball: string, modules: string): Promise<void> {
  const own = join(modules, 'seesaw');
  await mkdir(own, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', own, '--strip-components', '1']);
  const installed = Object.keys(locked)
    .filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && existsSync(path))
    .filter((path) => !locked[path]!.dev && !locked[path]!.devOptional);
  // Arrow depends on it, in a newer version than the one for development.
  for (const path of [...installed, 'node_modules/@types/node']) {
    const link = join(modules, relative('node_modules', path));
    await mkdir(dirname(link), { recursive: true });
    await symlink(resolve(path), link);
  }
}

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
  const without = Object.keys(locked).filter(
    (path) => path !== '' && !locked[path]!.integrity?.startsWith('sha512-'),
  );

  t.deepEqual(without, []);
  t.true(Object.keys(locked).length > 100);
});
