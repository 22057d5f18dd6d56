import type { ChildProcess } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { beforeBroadcast } from '../../../../helpers/fakes/at-broadcast.js';
import { faultsOf, lossesOf, runToEnd } from '../../../../helpers/probes/runs.js';
import { isOf, tapWire } from '../../../../helpers/probes/wire-tap.js';
import {
  natsServer,
  natsTest,
  workerHere,
  workerProcess,
} from '../../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 1_000, items: 150, density: 0.3 });
const options = { rank: 32, iterations: 5, blocks: 6 };
const undisturbed = runToEnd(ratings, options, inProcess());

natsTest('blocks of a slow node move to the others, for that phase and those after', async (t) => {
  const { url: servers } = await natsServer(t);
  const slow = await workerProcess(t, servers, 'slow');
  await workerHere(t, { servers, name: 'quick' });
  throttle(t, slow);

  const outcome = await runToEnd(ratings, options, nodes({ servers, workers: 2, lostAfter: 30 }));

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  const pattern = /^slow: it is slow: quick solves \w+ block \d as well$/;
  t.true(faultsOf(outcome).some((fault) => pattern.test(fault)));
  t.deepEqual(lossesOf(outcome), []);
  const phases = outcome.events.filter((event) => event.type === 'phase');
  const last = phases.at(-1)!.blocks.map(({ ranOn }) => ranOn.split(',')[0]);
  t.true(last.filter((node) => node === 'quick').length > 3, String(last));
});

natsTest('late answers of a node that stood still are dropped and counted', async (t) => {
  const { url: servers } = await natsServer(t);
  const workers = {
    alpha: await workerProcess(t, servers, 'alpha'),
    beta: await workerProcess(t, servers, 'beta'),
  };
  // One of them has the only block of the users.
  const settings = { rank: 96, iterations: 4, blocks: 1, solver: 'cholesky' } as const;
  let phases = 0;
  let sleeper: 'alpha' | 'beta' | undefined;
  let isAwake = false;
  const answered = new Promise<void>((resolve) => {
    void tapWire(t, servers, (message) => {
      if (sleeper === undefined && phases === 2 && message.text.includes('"solve"')) {
        sleeper = isOf('alpha', message) ? 'alpha' : 'beta';
        workers[sleeper].kill('SIGSTOP');
      }
      const isAnswer = message.text.includes('"solved"');
      if (isAwake && isOf(sleeper!, message) && isAnswer) resolve();
    });
  });
  const placement = nodes({ servers, workers: 2, lostAfter: 1 });

  const outcome = await runToEnd(
    ratings,
    settings,
    beforeBroadcast(placement, 3, () => {
      isAwake = workers[sleeper!].kill('SIGCONT');
      return answered;
    }),
    ({ type }) => {
      if (type === 'phase') phases++;
    },
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await runToEnd(ratings, settings, inProcess())).factors);
  const late = outcome.events.map((event) => (event.type === 'phase' ? event.lateAnswers : 0));
  // On a busy machine others may have been late as well.
  t.true(late.reduce((sum, count) => sum + count, 0) >= 1);
});

/** Lets a process run a fortieth of the time: it lives, and is slow. */
function throttle(t: Pick<ExecutionContext, 'teardown'>, child: ChildProcess): void {
  let turn = 0;
  const timer = setInterval(() => child.kill(turn++ % 40 === 0 ? 'SIGCONT' : 'SIGSTOP'), 30);
  t.teardown(() => {
    clearInterval(timer);
    child.kill('SIGCONT');
  });
}
