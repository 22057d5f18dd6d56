import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { firstProgram } from './helpers/builders/first-program.js';
import { scratchFolder } from './helpers/builders/scratch-folder.js';

const run = promisify(execFile);

test('what npm pack builds has no map that is not there', async (t) => {
  const folder = await scratchFolder(t);
  const checkout = join(folder, 'checkout');
  const left = new Set(['node_modules', 'build', '.git'].map((name) => resolve(name)));
  await cp('.', checkout, { recursive: true, filter: (path) => !left.has(resolve(path)) });
  await symlink(resolve('node_modules'), join(checkout, 'node_modules'));

  await run('npm', ['pack', '--pack-destination', folder], { cwd: checkout });

  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  await run('tar', ['-xzf', tarball], { cwd: folder });
  const files = await readdir(join(folder, 'package'), { recursive: true });
  const scripts = files.filter((file) => file.endsWith('.js'));
  t.true(scripts.length > 100);
  for (const script of scripts) {
    t.notRegex(await readFile(join(folder, 'package', script), 'utf8'), /sourceMappingURL/, script);
  }
});

test('npm installs the packed package in an empty folder, where it trains', async (t) => {
  const folder = await scratchFolder(t);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  const init = { name: 'user', version: '1.0.0', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(init));
  await writeFile(join(folder, 'program.js'), firstProgram);

  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  // What nodes() needs asks for a newer Node; it must not keep those out who do not use nodes.
  await run('npm', ['install', '--engine-strict', ...flags, join(folder, tarball)], {
    cwd: folder,
  });

  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  t.is(JSON.parse(stdout).length, 3);
  await run('npx', ['--no-install', 'seesaw', '--help'], { cwd: folder });
});
