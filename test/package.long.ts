import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
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
