import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

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

  t.deepEqual((await ended).slice(0, 2), [null, 'SIGINT']);
  t.deepEqual(await readdir(TMPDIR), []);
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
