import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { mounted } from '../../helpers/builders/mounted.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { runProgram } from '../../helpers/programs/child-program.js';

/** Opens a database that spills, and says where. */
const spilling = `import { openDatabase } from 'build:src/io/duckdb.js';
const database = await openDatabase(undefined, { memory: 40, threads: 1 });
await database.run('CREATE TEMP TABLE t AS SELECT hash(i) AS h, i FROM range(3000000) t(i)');
`;

test('spilled data is private, and removed when the database is closed', async (t) => {
  const TMPDIR = await scratchFolder(t);
  const { stdout } = await runProgram(
    `${spilling} import { readdirSync, statSync } from 'node:fs';
    const [name] = readdirSync(process.env.TMPDIR).filter((name) => name.startsWith('seesaw-spill-'));
    const path = process.env.TMPDIR + '/' + name;
    console.log((statSync(path).mode & 0o777).toString(8), readdirSync(path).length > 0);
    await database.close();`,
    { env: { TMPDIR } },
  );

  t.is(stdout, '700 true');
  t.deepEqual(await readdir(TMPDIR), []);
});

for (const end of ['process.exit(3)', 'throw new Error()', 'Promise.reject(1)']) {
  test(`what is spilled is gone when the process ends by ${end}`, async (t) => {
    const TMPDIR = await scratchFolder(t);
    const { status } = await runProgram(`${spilling} ${end};`, { env: { TMPDIR } });

    t.not(status, 0);
    t.deepEqual(await readdir(TMPDIR), []);
  });
}

test('the next process to start removes only the leftovers of a killed one', async (t) => {
  const TMPDIR = await scratchFolder(t);
  const killed = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { makeSpillFolder } = await import('${new URL('../../../src/io/spill-folder.js', import.meta.url)}');
      const { path } = await makeSpillFolder();
      console.log(path);
      setInterval(() => {}, 1e6);`,
    ],
    { env: { ...process.env, TMPDIR }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(killed.stdout, 'data');
  const left = String(line).trim();
  await writeFile(join(left, 'duckdb_temp_storage.tmp'), 'much');
  const [, where] = /seesaw-spill-([\w.-]+)-\d+-\w{6}$/.exec(left)!;
  const others = [
    `seesaw-spill-${where}-${process.pid}-abcdef`,
    `seesaw-spill-0-${killed.pid}-abcdef`,
    'seesaw-spill-mine',
    'seesaw-model',
  ];
  for (const name of others) await mkdir(join(TMPDIR, name));
  const start = { env: { TMPDIR } };
  const opening =
    "import { openDatabase } from 'build:src/io/duckdb.js'; await (await openDatabase()).close();";

  await runProgram(opening, start);
  t.true((await stat(left)).isDirectory(), 'its process is alive');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await runProgram(opening, start);

  t.deepEqual((await readdir(TMPDIR)).sort(), others.sort());
});

test('reading works with a temporary folder that takes no files', async (t) => {
  const { stdout } = await runProgram(
    `import { openDatabase } from 'build:src/io/duckdb.js';
    const database = await openDatabase();
    console.log(await database.column('SELECT 7'));
    await database.close();`,
    { env: { TMPDIR: '/proc/nowhere' } },
  );

  t.is(stdout, '[ 7 ]');
});

/** Reads more than the memory takes, from SQL and from standard input. */
const reading = `import { openDatabase } from 'build:src/io/duckdb.js';
import { makeEntries, findSource } from 'build:src/io/entry-tables.js';
import { readRatings } from 'build:src/io/read-ratings.js';
const print = (error) => console.log(error.name, error.code);
const database = await openDatabase(undefined, { memory: 40, threads: 1 });
const sql = 'SELECT hash(i)::VARCHAR AS user, i AS item FROM range(3000000) t(i)';
await findSource(database, { sql }, {}).then((found) => makeEntries(database, found)).catch(print);
await database.close();
process.stdin.unshift('user,item\\n' + '1,2\\n'.repeat(1e6));
await readRatings({ files: '-' }).catch(print);
`;

for (const [what, options, remount] of [
  ['full', 'size=1m', []],
  ['read-only', 'size=1m', ['-o', 'remount,ro']],
] as const) {
  test(`a temporary folder on a ${what} disk is a typed error where it is needed`, async (t) => {
    const TMPDIR = await mounted(t, options);
    if (TMPDIR === undefined) {
      t.log('skipped: no file system can be mounted here');
      return t.pass();
    }
    if (remount.length > 0) execFileSync('mount', [...remount, TMPDIR]);

    const { stdout } = await runProgram(reading, { env: { TMPDIR } });

    t.is(stdout, 'SourceError ERR_NO_SPACE\nSourceError ERR_NO_SPACE');
    t.deepEqual(await readdir(TMPDIR), []);
  });
}
