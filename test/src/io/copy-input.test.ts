import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { InvalidOptionError, SourceError } from '../../../src/errors.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { deepParquet } from '../../helpers/builders/deep-parquet.js';
import { ratingFile } from '../../helpers/builders/rating-files.js';
import { runProgram } from '../../helpers/programs/child-program.js';

const csv = 'user,item,rating\n1,2,3\n2,2,3\n2,3,3\n';
const json = '{"user":1,"item":2}\n{"user":2,"item":2}\n{"user":2,"item":3}\n';
const deep = `{"user":1,"item":2,"x":${'['.repeat(20_000)}`;

/** The address of a server that gives these bytes by path; of others it says there is nothing. */
async function served(t: ExecutionContext, files: Record<string, string | Uint8Array>) {
  const server = createServer((request, response) => {
    const bytes = files[new URL(request.url!, 'http://x').pathname];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const network = true;

test('files of every format are read by URL, without extensions of DuckDB', async (t) => {
  const { path } = await ratingFile(t, 'parquet', 'numbers');
  const at = await served(t, {
    '/a.csv': csv,
    '/a.csv.gz': gzipSync(csv),
    '/a.json': json,
    '/a.json.gz': gzipSync(json),
    '/export': json,
    '/a.parquet': await readFile(path),
  });

  for (const name of ['a.csv', 'a.csv.gz', 'a.json', 'a.json.gz', 'export', 'a.csv?sig=1#x']) {
    const { byUser } = await readRatings({ files: `${at}/${name}` }, { network });
    t.is(byUser.columns.length, 3, name);
  }
  const remote = await readRatings({ files: `${at}/a.parquet` }, { network });
  t.deepEqual(remote.byUser.columns, (await readRatings({ files: path })).byUser.columns);
});

test('deeply nested files from the network are refused too', async (t) => {
  const at = await served(t, {
    '/a.json': deep,
    '/a.json.gz': gzipSync(deep),
    '/a.ndjson': gzipSync(deep),
    '/a': deep,
    '/a.parquet': deepParquet(20_000),
  });

  for (const name of ['a.json', 'a.json.gz', 'a.ndjson', 'a', 'a.parquet']) {
    await t.throwsAsync(readRatings({ files: `${at}/${name}` }, { network }), {
      instanceOf: SourceError,
      code: 'ERR_NESTED_TOO_DEEPLY',
    });
  }
});

test('an address without content is a typed error, and one of another kind is refused', async (t) => {
  const at = await served(t, { '/empty.csv': '' });
  const read = (files: string) => readRatings({ files }, { network });

  await t.throwsAsync(read(`${at}/missing.csv`), {
    code: 'ERR_UNREADABLE_SOURCE',
    message: /HTTP status 404/,
  });
  await t.throwsAsync(read('http://127.0.0.1:1/a.csv'), { code: 'ERR_UNREADABLE_SOURCE' });
  await t.throwsAsync(read(`${at}/empty.csv`), { code: 'ERR_EMPTY_FILE' });
  for (const url of ['s3://a/b.json', 'hf://a/b.parquet', 'nothing://127.0.0.1:1/a.csv']) {
    await t.throwsAsync(read(url), { instanceOf: InvalidOptionError, message: /https: URL/ });
  }
});

test('a process that unsubscribes from idle input ends', async (t) => {
  const { status, stdout } = await runProgram(
    `import { createServer } from 'node:http';
    import { fromFile } from 'build:src/index.js';
    const stdin = fromFile('-').subscribe({ error: console.log });
    const server = createServer((request, response) => {
      response.write('user,item');
      url.unsubscribe();
      stdin.unsubscribe();
      server.close();
    }).listen(0, '127.0.0.1');
    const { port } = server.address() ?? await new Promise((resolve) =>
      server.on('listening', () => resolve(server.address())));
    const url = fromFile('http://127.0.0.1:' + port + '/a.csv', { network: true })
      .subscribe({ error: console.log });`,
  );

  t.is(status, 0);
  t.is(stdout, '');
});
