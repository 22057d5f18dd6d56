import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
  t.true(paths.includes('LICENSE') && paths.includes('README.md'));
  t.deepEqual(
    paths.filter((path) => /examples\/|test\/|\.test\.|benchmarks\/|\.csv$|\.map$/.test(path)),
    [],
  );

  const init = { name: 'user', version: '1.0.0', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(init));
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', [...install, join(folder, filename)], { cwd: folder });
  await writeFile(join(folder, 'program.js'), program);
  await writeFile(join(folder, 'typed.ts'), typed);

  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  t.is(JSON.parse(stdout).length, 3);
  await run('npx', ['--no-install', 'seesaw', '--help'], { cwd: folder });

  // Without skipLibCheck: the declarations stand on their own.
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
  await t.notThrowsAsync(run(process.execPath, [tsc, ...strict, 'typed.ts'], { cwd: folder }));
});

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm prints an array, or since version 12 an object by package name. */
function parsePacked(text: string): readonly Packed[] {
  return Object.values(JSON.parse(text) as Record<string, Packed>);
}
