import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { seesaw as seesawProcess, writeTwoTastes } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';
import { natsServer, natsTest } from '../../helpers/programs/nats.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

natsTest('cluster starts a server and workers, trains on them, and stops them all', async (t) => {
  const folder = await scratchFolder(t);
  const file = writeTwoTastes(folder);
  const args = ['cluster', '--workers', '2', '--threads', '1', '--json', '--data', folder];
  const cluster = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => cluster.kill('SIGKILL'));
  const [line] = await once(createInterface(cluster.stdout), 'line');
  const { servers } = JSON.parse(line);

  const flags = ['--rank', '4', '--iterations', '2', '--json', '--output', join(folder, 'model')];
  const common = ['train', file, '--servers', servers, '--workers', '2'];
  const trained = await seesawProcess([...common, ...flags]);
  const other = ['--rank', '4', '--output', join(folder, 'other')];
  const shared = await seesaw([...common, ...other, '--read-by-workers', '--no-holdout']);
  cluster.kill('SIGTERM');
  const [status] = await once(cluster, 'exit');

  t.is(trained.status, 0, trained.stderr);
  t.is(JSON.parse(trained.stdout.split('\n')[0]!).placement, 'nodes(2)');
  t.is(shared.status, 0, shared.stderr);
  t.regex(shared.stdout, /most similar to/);
  // Models of ratings that workers read know what users rated.
  const list = await seesaw(['recommend', join(folder, 'other'), '--user', '1', '--json']);
  t.is(list.status, 0, list.stderr);
  const anything = [join(folder, 'other'), '--user', '1', '--json', '--include-seen'];
  const all = await seesaw(['recommend', ...anything]);
  t.not(list.stdout, all.stdout);
  t.is(status, 0);
  const refused = await seesaw(['worker', '--servers', servers]);
  t.is(refused.status, 1);
  t.regex(refused.stderr, /found no NATS server/);
});

const processTest = existsSync('/proc/self/task') ? natsTest : test.skip;

processTest('a cluster without workers ends, and says how they ended', async (t) => {
  const args = ['cluster', '--workers', '1', '--threads', '1', '--memory', '300MiB', '--json'];
  const cluster = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => cluster.kill('SIGKILL'));
  let stderr = '';
  cluster.stderr.on('data', (text) => {
    stderr += text;
  });
  for await (const line of createInterface(cluster.stdout)) {
    const said = JSON.parse(line);
    if (said.type !== 'ready') continue;
    t.is(said.memory, 300 * 1024 * 1024);
    break;
  }

  process.kill(childrenOf(cluster.pid!, 'worker')[0]!, 'SIGKILL');
  const [status] = await once(cluster, 'exit');

  t.is(status, 1);
  t.regex(stderr, /worker-1 ended by SIGKILL; 0 of 1 are left\n.*every worker ended/);
});

natsTest('a port in use is reported', async (t) => {
  const { port } = new URL((await natsServer(t)).url);

  const { status, stderr } = await seesawProcess(['cluster', '--port', port]);

  t.is(status, 1);
  t.regex(stderr, /nats-server does not start: .*address already in use/);
});

for (const flags of [
  ['--workers', '0'],
  ['--threads', '0'],
  ['--port', '70000'],
]) {
  test(`a cluster with ${flags.join(' ')} is refused`, async (t) => {
    const { status, stderr } = await seesaw(['cluster', ...flags]);

    t.is(status, 2);
    t.true(stderr.includes(`found ${flags.join(' ')}; expected`), stderr);
  });
}

test('a worker without a server says what is missing', async (t) => {
  const { status, stderr } = await seesaw(['worker']);

  t.is(status, 2);
  t.regex(stderr, /--servers/);
});

test('the column of users is not the user of the server', async (t) => {
  const file = writeTwoTastes(await scratchFolder(t));
  const servers = 'nats://127.0.0.1:1';

  const { status, stderr } = await seesaw([
    'train',
    file,
    '--user',
    'userId',
    '--servers',
    servers,
  ]);

  t.is(status, 1);
  t.regex(stderr, /found no NATS server at nats:\/\/127.0.0.1:1: connection refused/);
});

test('flags about workers are refused without servers', async (t) => {
  for (const flag of ['--workers 2', '--job nightly', '--routing routed']) {
    const { status, stderr } = await seesaw(['train', 'ratings.csv', ...flag.split(' ')]);

    t.is(status, 2);
    t.regex(stderr, new RegExp(`found ${flag.split(' ')[0]} without --servers`));
  }
});

test('ratings are read where blocks are solved only if nothing is withheld', async (t) => {
  const file = writeTwoTastes(await scratchFolder(t));

  const alone = await seesaw([
    ...['train', file, '--read-by-workers', '--no-holdout', '--iterations', '2', '--json'],
  ]);
  const withholding = await seesaw([
    ...['train', file, '--read-by-workers', '--servers', 'nats://127.0.0.1:1'],
  ]);

  t.is(alone.status, 0, alone.stderr);
  t.regex(alone.stdout, /"type":"finished"/);
  t.is(withholding.status, 2);
  t.regex(withholding.stderr, /try --no-holdout/);
});

/** Processes that a process has started, whose command has a word in it. Linux only. */
function childrenOf(pid: number, word: string): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').includes(word))
    .map(Number);
}
