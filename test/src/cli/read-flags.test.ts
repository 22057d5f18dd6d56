import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { seesaw as seesawProcess, temporaryFolder } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

type Content = string | Uint8Array;

const plain = `user,item,rating\n${Array.from({ length: 30 }, (_, n) => `${n % 6},${n % 7},${1 + (n % 5)}`).join('\n')}\n`;
const bare = plain.slice(plain.indexOf('\n') + 1);

function folderOf(t: ExecutionContext, files: Readonly<Record<string, Content>>): string {
  const { path, remove } = temporaryFolder();
  t.teardown(remove);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** What `train` says when it starts, or how it fails. */
async function train(
  t: ExecutionContext,
  args: readonly string[],
  { files = {}, input }: { files?: Readonly<Record<string, Content>>; input?: Content } = {},
) {
  const cwd = folderOf(t, files);
  const run = input === undefined ? seesaw : seesawProcess;
  const { status, stdout, stderr } = await run(
    [
      'train',
      ...args,
      '--no-holdout',
      '--rank',
      '2',
      '--iterations',
      '1',
      '--threads',
      '0',
      '--json',
    ],
    { cwd, ...(input !== undefined && { input }) },
  );
  return { status, stderr, started: JSON.parse(stdout.split('\n', 1)[0] || 'null') };
}

const unread: string[] = [];
const named = { user: 'user', item: 'item', rating: 'rating', unread };
const numbered = { user: 'column0', item: 'column1', rating: 'column2', unread };

const starts = test.macro({
  async exec(
    t,
    args: readonly string[],
    given: { files?: Readonly<Record<string, Content>>; input?: Content },
    expected: object,
  ) {
    const { status, stderr, started } = await train(t, args, given);

    t.is(status, 0, stderr);
    t.like(started, { type: 'started', ratings: 30, ...expected });
  },
  title: (provided, args: readonly string[]) => `train ${args.join(' ')} reads ${provided}`,
});

test('standard input', starts, ['-'], { input: plain }, { columns: named });
test('standard input by its path', starts, ['/dev/stdin'], { input: plain }, { columns: named });
test('compressed standard input', starts, ['-'], { input: gzipSync(plain) }, { columns: named });
const latin = Buffer.from(plain.replaceAll(/^(\d)/gm, 'é$1'), 'latin1');
test(
  'another encoding',
  starts,
  ['r.csv', '--encoding', 'latin1'],
  { files: { 'r.csv': latin } },
  { users: 6 },
);
const colons = { files: { 'r.csv': plain.replaceAll(',', ':') } };
test('a delimiter', starts, ['r.csv', '--delimiter', ':'], colons, { columns: named });
const tabs = { files: { 'r.csv': plain.replaceAll(',', '\t') } };
test('tabs by their name', starts, ['r.csv', '--delimiter', 'tab'], tabs, { columns: named });
const words = bare.replaceAll(/^(\d),(\d),\d$/gm, 'u$1,i$2');
const header = { files: { 'r.csv': `wer,was\n${words}` } };
test('a header', starts, ['r.csv', '--header', '--user', 'wer', '--item', 'was'], header, {
  columns: { user: 'wer', item: 'was', unread },
});
test(
  'a file without one',
  starts,
  ['r.csv', '--no-header'],
  { files: { 'r.csv': words } },
  {
    columns: { user: 'column0', item: 'column1', unread },
  },
);
test('numbers without one', starts, ['r.csv'], { files: { 'r.csv': bare } }, { columns: numbered });
test(
  'no rating',
  starts,
  ['r.csv', '--no-rating'],
  { files: { 'r.csv': plain } },
  {
    columns: { user: 'user', item: 'item', unread: ['rating'] },
  },
);
const spoilt = { files: { 'r.csv': `${plain}export interrupted\n1,,4\n` } };
test('all but bad rows', starts, ['r.csv', '--skip-bad-rows'], spoilt, {
  skippedRows: { count: 2, first: { file: 'r.csv', line: 32, text: 'export interrupted' } },
});
const folders = { files: { 'r/year=2024/a.csv': plain, 'r/year=2025/a.csv': plain } };
test('a folder of folders', starts, ['r', '--hive', '--where', 'year = 2025'], folders, {
  columns: { ...named, unread: ['year'] },
});

const fails = test.macro({
  async exec(t, args: readonly string[], content: Content, message: RegExp) {
    const { status, stderr } = await train(t, ['r.csv', ...args], { files: { 'r.csv': content } });

    t.true(status === 1 || status === 2, stderr);
    t.regex(stderr, message);
  },
  title: (provided, args: readonly string[]) => `train ${args.join(' ')} refuses ${provided}`,
});
test(
  'an encoding that is none',
  fails,
  ['--encoding', 'klingon'],
  plain,
  /encoding.*klingon.*latin1/s,
);
test('Latin-1 without the option', fails, [], latin, /line 2 of r\.csv/);
test(
  'a bad line without the option',
  fails,
  [],
  `${plain}x\n`,
  /line 32 of r\.csv has 1 field \("x"\)/,
);
test('a wrong delimiter', fails, ['--delimiter', ';'], plain, /one field a line in r\.csv/);

test('evaluate --json says which columns were read as what', async (t) => {
  const cwd = folderOf(t, {
    'r.csv': plain,
    'later.csv': 'user,item,rating,note\n0,1,3,x\n1,3,4,y\nbad\n',
  });
  const small = ['--rank', '2', '--iterations', '1', '--threads', '0', '--quiet'];
  const trained = await seesaw(['train', 'r.csv', '--no-holdout', '--output', 'm', ...small], {
    cwd,
  });
  t.is(trained.status, 0, trained.stderr);

  const { stdout, stderr } = await seesaw(
    ['evaluate', 'm', 'later.csv', '--skip-bad-rows', '--json'],
    { cwd },
  );

  t.is(stderr, '');
  t.like(JSON.parse(stdout), {
    columns: { ...named, unread: ['note'] },
    skippedRows: { count: 1, first: { file: 'later.csv', line: 4 } },
  });
});
