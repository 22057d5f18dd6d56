import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { smallModel } from '../../helpers/builders/models.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { smallTraining } from '../../helpers/builders/small-training.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

test('a second Ctrl-C ends a command that waits for idle input', async (t) => {
  const folder = await scratchFolder(t);
  const TMPDIR = await scratchFolder(t);
  execFileSync('mkfifo', [join(folder, 'fifo.csv')]);
  // A name that is computed cannot be known to be that of a FIFO.
  const sql = `FROM read_csv('${folder}/fifo' || '.csv')`;
  const command = spawn(process.execPath, [main, 'train', '--sql', sql], {
    env: { ...process.env, TMPDIR },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => command.kill('SIGKILL'));
  const ended = once(command, 'exit');
  let output = '';
  for await (const text of command.stderr) {
    const [before, words] = [output, ['reading the query', 'stopped']];
    output += text;
    // The second one comes while the first has yet to end the process.
    if (words.some((word) => output.includes(word) && !before.includes(word))) {
      command.kill('SIGINT');
    }
  }

  const [status, signal] = await ended;
  // The first one may have ended it when the second one comes.
  t.true(signal === 'SIGINT' || status === 130, `${status}, ${signal}`);
  t.deepEqual(await readdir(TMPDIR), []);
});

test('Ctrl-C while a resumed training reads its ratings says how to go on', async (t) => {
  const { args, folder } = smallTraining(t);
  const run = join(folder, 'run');
  spawnSync(process.execPath, [main, ...args, '--checkpoint', run], { stdio: 'ignore' });
  execFileSync('mkfifo', [join(folder, 'fifo.csv')]);
  const sql = `FROM read_csv('${folder}/fifo' || '.csv')`;
  const again = ['train', '--sql', sql, '--output', join(folder, 'model'), '--checkpoint', run];
  const command = spawn(process.execPath, [main, ...again, '--resume'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => command.kill('SIGKILL'));
  let output = '';
  for await (const text of command.stderr) {
    const isReading = output.includes('reading the query');
    output += text;
    if (!isReading && output.includes('reading the query')) command.kill('SIGINT');
    if (output.includes('--resume')) break;
  }

  t.regex(output, /stopped; nothing was saved; go on from the last checkpoint with\n/);
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a full disk behind stdout is told in one line', (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));

  const { status, stderr } = spawnSync(process.execPath, [main, '--version'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });

  t.is(status, 1);
  t.regex(
    stderr,
    /^seesaw: found that stdout cannot be written \(ENOSPC: .*\); expected room.*\n$/,
  );
});

onLinux('a training whose output finds no room saves its model, and is told once', (t) => {
  const { args, model } = smallTraining(t);
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));

  const { status, stderr } = spawnSync(process.execPath, [main, ...args, '--json'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });

  t.is(status, 1);
  t.regex(stderr, /^seesaw: found that stdout cannot be written \(ENOSPC: .*\n$/);
  t.true(existsSync(join(model, 'manifest.json')));
});

onLinux('lists that find no room on stdout end', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));

  const { status } = spawnSync(process.execPath, [main, 'recommend', folder, '--all', '--json'], {
    stdio: ['ignore', full, 'ignore'],
  });

  t.is(status, 1);
});

onLinux('a service goes on when there is no room for its log lines', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const port = await freePort();
  const flags = ['--port', String(port), '--no-log', '--json'];
  const service = spawn(process.execPath, [main, 'serve', folder, ...flags], {
    stdio: ['ignore', full, 'ignore'],
  });
  t.teardown(() => service.kill('SIGKILL'));
  const ended = once(service, 'exit');

  const url = `http://127.0.0.1:${port}/users/a/recommendations`;
  let first: Response | undefined;
  // It cannot tell when it listens.
  while (first === undefined && service.exitCode === null) {
    first = await fetch(url).catch(() => wait(50, undefined));
  }
  const second = await fetch(url);
  service.kill('SIGTERM');

  t.deepEqual([first?.status, second.status], [200, 200]);
  t.deepEqual(await ended, [1, null]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on an address.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
