import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { InvalidOptionError, SourceError } from '../../../src/errors.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { readTitles } from '../../../src/io/read-titles.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { runProgram } from '../../helpers/programs/child-program.js';

const ratings = 'user,item,rating\n1,2,3\n2,2,3\n2,3,3\n';

const isNoFile = test.macro({
  async exec(t, make: (path: string) => Promise<unknown> | unknown, code: SourceError['code']) {
    const path = join(await scratchFolder(t), 'ratings.csv');
    await make(path);

    await t.throwsAsync(readRatings({ files: path }), { instanceOf: SourceError, code });
    await t.throwsAsync(readRatings({ files: `${path.slice(0, -3)}*` }), {
      instanceOf: SourceError,
    });
    await t.throwsAsync(readTitles(path), { instanceOf: SourceError, code });
  },
  title: (provided) => `${provided} is refused before it is opened`,
});
test('a FIFO', isNoFile, (path) => execFileSync('mkfifo', [path]), 'ERR_NOT_A_FILE');
test('a link to a device', isNoFile, (path) => symlink('/dev/zero', path), 'ERR_NOT_A_FILE');
test('a link to nothing', isNoFile, (path) => symlink('nothing', path), 'ERR_FILE_NOT_FOUND');
test('a link to itself', isNoFile, (path) => symlink(path, path), 'ERR_FILE_NOT_FOUND');
test('a folder', isNoFile, (path) => mkdir(path), 'ERR_IS_DIRECTORY');

test('a socket is refused before it is opened', async (t) => {
  const path = join(await scratchFolder(t), 'ratings.csv');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => server.close());

  await t.throwsAsync(readRatings({ files: path }), { code: 'ERR_NOT_A_FILE' });
});

test('a path with NUL, one that is too long and one below a file are typed errors', async (t) => {
  const folder = await scratchFolder(t);
  const file = join(folder, 'ratings.csv');
  await writeFile(file, ratings);
  for (const read of [(path: string) => readRatings({ files: path }), readTitles]) {
    await t.throwsAsync(read(`${file}\0.csv`), { instanceOf: InvalidOptionError });
    await t.throwsAsync(read(join(folder, 'x'.repeat(5_000))), { code: 'ERR_FILE_NOT_FOUND' });
    await t.throwsAsync(read(join(file, 'b.csv')), { code: 'ERR_FILE_NOT_FOUND' });
  }
});

test('a file without permission to read says so, not to check its content', async (t) => {
  const folder = await scratchFolder(t);
  const file = join(folder, 'ratings.csv');
  await writeFile(file, ratings);
  await chmod(file, 0);
  await chmod(folder, 0o755);
  // Root may read it, and a child of root can be another user.
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync(process.execPath, ['-v'], { uid: 65_534 }).status !== 0) {
    t.log('skipped: this user cannot become another one');
    return t.pass();
  }
  const { stdout } = await runProgram(
    `import { readRatings } from 'build:src/io/read-ratings.js';
    ${isRoot ? 'process.setuid(65534);' : ''}
    await readRatings({ files: ${JSON.stringify(file)} }).catch((error) => console.log(error.code, error.message));`,
  );

  t.regex(stdout, /^ERR_PERMISSION_DENIED found .*ratings\.csv closed to this user/);
});

const isPlainName = test.macro({
  async exec(t, name: string) {
    const folder = await scratchFolder(t);
    await writeFile(join(folder, name), ratings);
    await writeFile(join(folder, 'other.csv'), 'user,item,rating\n7,8,3\n8,9,1\n');

    for (const path of [join(folder, name), pathToFileURL(join(folder, name)).href]) {
      t.is((await readRatings({ files: path })).byUser.columns.length, 3);
    }
  },
  title: (_, name) => `a file may be called ${JSON.stringify(name)}`,
});
for (const name of ['[a-z]*.csv', '*.csv', '?ther.csv', "it's.csv", '{a,b}.csv', '~.csv']) {
  test(isPlainName, name);
}
for (const name of ['a b.csv', '-.csv', '$HOME.csv', '%41.csv', 'a\nb.csv', 's3:x.csv', '**.csv']) {
  test(isPlainName, name);
}

test('a name that begins like a URL is a path from the current folder', async (t) => {
  const folder = await scratchFolder(t);
  for (const name of ['http:', 's3:', '~']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'a.csv'), ratings);
  }
  const { stdout } = await runProgram(
    `import { readRatings } from 'build:src/io/read-ratings.js';
    process.chdir(${JSON.stringify(folder)});
    for (const files of ['http:/a.csv', 's3:/a.csv', '~/a.csv', '~/*.csv'])
      console.log((await readRatings({ files })).byUser.rowCount);`,
  );

  t.is(stdout, '2\n2\n2\n2');
});

test('no name makes a source of the network, alone, in a list or as a pattern', async (t) => {
  const file = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(file, ratings);
  for (const url of [
    'https://a.example/b.csv',
    's3://a/*.csv',
    'HF://a/b.csv',
    'az://a/b[1].csv',
  ]) {
    await t.throwsAsync(readRatings({ files: url }), { instanceOf: InvalidOptionError });
    await t.throwsAsync(readRatings({ files: [file, url] }), { instanceOf: InvalidOptionError });
    await t.throwsAsync(readTitles(url), { instanceOf: InvalidOptionError });
  }
  await t.throwsAsync(readRatings({ sql: "FROM 'https://a.example/b.csv'" }), {
    code: 'ERR_UNREADABLE_SOURCE',
    message: /network: true/,
  });
});
