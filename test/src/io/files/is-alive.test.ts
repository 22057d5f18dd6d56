import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { isAlive } from '../../../../src/io/files/is-alive.js';

test('this process and that of another user are alive, one that has ended is not', (t) => {
  t.true(isAlive(process.pid));
  t.true(isAlive(1));
  t.false(isAlive(spawnSync(process.execPath, ['--version']).pid));
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a process that has ended is dead though its parent never asks for it', async (t) => {
  // The shell becomes a program that knows nothing of its child.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 300'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = await once(parent.stdout, 'data');
  const zombie = Number(line);

  while (isAlive(zombie)) await wait(20);

  t.notThrows(() => process.kill(zombie, 0), 'its number is still taken');
});
