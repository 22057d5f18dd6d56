import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openReaderProcess } from '../../../../../actors/placements/nodes/worker/reader-process.js';
import { SourceError } from '../../../../../src/errors.js';
import { describeRatings } from '../../../../../src/io/describe-ratings.js';
import { openRatingsReader } from '../../../../../src/io/ratings-reader.js';
import { ratingFile } from '../../../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../../../helpers/builders/scratch-folder.js';
import { runProgram } from '../../../../helpers/programs/child-program.js';

test('a process of its own gives the rows that this one reads', async (t) => {
  const { folder, path } = await ratingFile(t, 'parquet', 'words');
  const { described, byUser } = await describeRatings({ files: path });
  const here = await openRatingsReader(described.source, [folder], 1);
  const there = await openReaderProcess(described.source, [folder], 1);
  t.teardown(() => Promise.all([here.close(), there.close()]));

  for (const [first, end] of [
    [0, 3],
    [3, byUser.rowCount],
  ] as const) {
    t.deepEqual(await there.rows('user', first, end), await here.rows('user', first, end));
  }
});

test('what cannot be read is the same typed error as here', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });

  await t.throwsAsync(
    openReaderProcess({ ...described.source, files: ['/etc/passwd'] }, [folder]),
    {
      instanceOf: SourceError,
      code: 'ERR_FORBIDDEN_SOURCE',
    },
  );
  await t.throwsAsync(
    openReaderProcess({ ...described.source, where: 'true; SELECT 1' }, [folder]),
    {
      message: /^option where is/,
    },
  );
});

test('what kills the process that reads is a typed error, and leaves nothing behind', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  const deep = join(folder, 'deep.json');
  const object = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  await writeFile(deep, `[{"user":1,"item":2,"x":${object}}]`);
  const source = { ...described.source, files: undefined, sql: `FROM '${deep}'` };
  const TMPDIR = await scratchFolder(t);

  const { stdout, status } = await runProgram(
    `import { openReaderProcess } from 'build:actors/placements/nodes/worker/reader-process.js';
    const open = (source) => openReaderProcess(source, [${JSON.stringify(folder)}], 1);
    await open(${JSON.stringify(source)}).catch((error) => console.log(error.code, error.message));
    const reader = await open(${JSON.stringify(described.source)});
    console.log((await reader.rows('user', 0, 1)).rowCount);
    await reader.close();`,
    { env: { TMPDIR } },
  );

  t.regex(stdout, /^ERR_READER_DIED found .* ended by SIG(SEGV|BUS|ABRT);.*\n1$/);
  t.is(status, 0);
  t.deepEqual(
    (await readdir(TMPDIR)).filter((name) => name.startsWith('seesaw-spill')),
    [],
  );
});

test('a source that never opens is left when its worker stops', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  const fifo = join(folder, 'fifo.csv');
  execFileSync('mkfifo', [fifo]);
  const source = { ...described.source, files: undefined, sql: `FROM read_csv('${fifo}')` };
  const stopping = new AbortController();
  const opened = openReaderProcess(source, [folder], 1, stopping.signal);

  setImmediate(() => stopping.abort());

  await t.throwsAsync(opened, { code: 'ERR_READER_DIED' });
});

test('a source that never opens is left when its time is over', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  const fifo = join(folder, 'fifo.csv');
  execFileSync('mkfifo', [fifo]);
  const source = { ...described.source, files: undefined, sql: `FROM read_csv('${fifo}')` };

  await t.throwsAsync(openReaderProcess(source, [folder], 1, undefined, 500), {
    code: 'ERR_READER_DIED',
    message: /SIGKILL/,
  });
});
