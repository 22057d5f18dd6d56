import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { findPostgres } from '../../examples/postgres-cycle/private-postgres.js';
import { scratchFolder } from '../helpers/builders/scratch-folder.js';
import { natsTest } from '../helpers/programs/nats.js';

const examples = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'data')
  .map(({ name }) => name);

for (const name of examples) {
  // In turn: some of them use every core.
  const lacksPostgres = name === 'postgres-cycle' && findPostgres() === undefined;
  const run = name === 'nodes' ? natsTest : lacksPostgres ? test.serial.skip : test.serial;
  const why = lacksPostgres ? ' (skipped: no PostgreSQL)' : '';
  run(`the example ${name} prints what its README says${why}`, async (t) => {
    const readme = readFileSync(`examples/${name}/README.md`, 'utf8');
    const folder = await scratchFolder(t);
    for (const read of ['examples', 'test']) await symlink(resolve(read), join(folder, read));

    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [resolve(`build/examples/${name}/index.js`)],
      { cwd: folder },
    );

    t.is(fenced(readme, 'text'), stdout);
    t.is(stderr, '');
    t.is(fenced(readme, 'sh'), `npm run --silent examples ${name}\n`);
    t.deepEqual(readdirSync(folder).sort(), ['examples', 'test'], 'it leaves nothing behind');
  });
}

test('the list of examples names each of them', (t) => {
  const list = readFileSync('examples/README.md', 'utf8');

  const listed = [...list.matchAll(/^\| \[(.+?)\]\(\1\) \|/gm)].map(([, name]) => name);

  t.deepEqual(listed.sort(), examples.sort());
});

test('the program on the front page is the quickstart, with its output', (t) => {
  const front = readFileSync('README.md', 'utf8');

  t.is(fenced(front, 'ts'), readFileSync('examples/quickstart/index.ts', 'utf8'));
  t.is(
    fenced(front, 'text'),
    fenced(readFileSync('examples/quickstart/README.md', 'utf8'), 'text'),
  );
});

/** What stands in the first block of a language. */
function fenced(markdown: string, language: string): string | undefined {
  return markdown.match(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms'))?.[1];
}
