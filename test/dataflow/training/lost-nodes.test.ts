import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { ExecutionContext } from 'ava';
import { of, tap } from 'rxjs';
import { BlockFailedError } from '../../../actors/errors.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { train } from '../../../dataflow/training/train.js';
import { PlacementError } from '../../../src/errors.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { eventsOf, factorsOfRun } from '../../helpers/probes/events.js';
import { undisturbedModel } from '../../helpers/programs/killed-training.js';
import { natsServer, natsTest, workerProcess } from '../../helpers/programs/nats.js';

const trainer = fileURLToPath(
  new URL('../../helpers/programs/train-with-checkpoints.js', import.meta.url),
);

natsTest('a job goes on from its checkpoint when its supervisor was killed', async (t) => {
  const folder = await scratchFolder(t);
  const { url: servers } = await natsServer(t);
  const workers = [
    await workerProcess(t, servers, 'alpha'),
    await workerProcess(t, servers, 'beta'),
  ];
  const left = workers.map((worker) => untilLine(worker, (line) => line.includes('"left"')));

  const killed = startTrainer(t, folder, servers);
  await untilLine(killed, (line) => line === 'checkpoint');
  killed.kill('SIGKILL');
  const reasons = await Promise.all(left);
  const buckets = await bucketsOn(t, servers);
  const resumed = startTrainer(t, folder, servers);
  const model = await untilLine(resumed, (line) => line.startsWith('model '));

  for (const line of reasons) t.is(JSON.parse(line).reason, 'its supervisor is silent');
  t.deepEqual(buckets, []);
  t.is(model, `model ${await undisturbedModel()}`);
});

natsTest('a job that has lost all its nodes can be resumed when there are others', async (t) => {
  const folder = await scratchFolder(t);
  const { url: servers } = await natsServer(t);
  const only = await workerProcess(t, servers, 'only');
  const ratings = randomRatings({ users: 90, items: 60, density: 0.2 });
  const options = { rank: 8, iterations: 6, blocks: 4 };
  const checkpoint = { path: folder };
  const killAt3 = tap<{ readonly type: string; readonly iteration?: number }>((event) => {
    if (event.type === 'checkpoint' && event.iteration === 3) only.kill('SIGKILL');
  });

  const placement = nodes({ servers, deadline: 6, lostAfter: 1 });
  const error = await t.throwsAsync(
    eventsOf(of(ratings).pipe(train({ ...options, checkpoint, placement }), killAt3)),
  );
  await workerProcess(t, servers, 'another');
  const resumed = await eventsOf(
    of(ratings).pipe(
      train({ ...options, checkpoint, resume: true, placement: nodes({ servers }) }),
    ),
  );

  t.true(error instanceof PlacementError || error instanceof BlockFailedError, String(error));
  t.regex(error!.message, /found no worker at .* within 6 s/);
  const from = resumed.find((event) => event.type === 'started')!.resumed;
  t.true(from!.iteration >= 3);
  const undisturbed = await eventsOf(of(ratings).pipe(train(options)));
  t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
});

function startTrainer(t: ExecutionContext, folder: string, servers: string): ChildProcess {
  const child = spawn(process.execPath, [trainer, folder, '0', servers], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

function untilLine(child: ChildProcess, isMeant: (line: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    createInterface(child.stdout!).on('line', (line) => {
      if (isMeant(line)) resolve(line);
    });
  });
}

/** What jobs have left on a server. */
async function bucketsOn(t: ExecutionContext, servers: string): Promise<string[]> {
  const connection = await connect({ servers });
  t.teardown(() => connection.close());
  const { streams } = await jetstreamManager(connection);
  const found = await streams.list().next();
  return found.map(({ config }) => config.name);
}
