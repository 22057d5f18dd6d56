import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { of } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { train } from '../../../dataflow/training/train.js';
import { CheckpointError } from '../../../src/errors.js';
import { claimCheckpoints } from '../../../src/io/claim-checkpoints.js';
import { paperSettings } from '../../../src/training/options.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { eventsOf, finishedOf } from '../../helpers/probes/events.js';

const forever = fileURLToPath(new URL('../../helpers/programs/train-forever.js', import.meta.url));

test('a job is refused where another one writes, until that is killed', async (t) => {
  const path = await scratchFolder(t);
  const first = spawn(process.execPath, [forever, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => first.kill('SIGKILL'));
  const exit = once(first, 'exit');
  await once(first.stdout, 'data');
  const ratings = randomRatings({ users: 20, items: 15, density: 0.3 });
  const second = () =>
    eventsOf(
      of(ratings).pipe(
        train({
          ...paperSettings,
          rank: 5,
          iterations: 2,
          checkpoint: { path },
          placement: inProcess(),
        }),
      ),
    );

  const error = await t.throwsAsync(second(), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_IN_USE',
  });
  first.kill('SIGKILL');
  await exit;
  const events = await second();

  t.deepEqual((error as CheckpointError).differences, ['rank']);
  t.regex(
    error!.message,
    new RegExp(`in process ${first.pid}, with rank 4 instead of 5; expected`),
  );
  t.is(finishedOf(events).iterations, 2);
  t.deepEqual(
    (await readdir(path)).filter((name) => name.startsWith('claim')),
    [],
  );
});

test('one job may write twice to a path, and another once both have ended', async (t) => {
  const path = await scratchFolder(t);

  const claims = [
    await claimCheckpoints(path, { rank: 4 }),
    await claimCheckpoints(path, { rank: 4 }),
  ];
  claims[0]!.release();
  await t.throwsAsync(claimCheckpoints(path, { rank: 5 }), { code: 'ERR_CHECKPOINT_IN_USE' });
  claims[1]!.release();
  const other = await claimCheckpoints(path, { rank: 5 });
  other.release();

  t.deepEqual(await readdir(path), []);
});
