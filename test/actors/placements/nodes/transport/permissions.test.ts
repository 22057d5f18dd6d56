import { connect } from '@nats-io/transport-node';
import { ConnectionError } from '../../../../../actors/errors.js';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { openBus } from '../../../../../actors/placements/nodes/transport/nats.js';
import { startWorker } from '../../../../../actors/placements/nodes/worker/start-worker.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { documentedPermissions } from '../../../../helpers/builders/nats-permissions.js';
import { atBroadcast } from '../../../../helpers/fakes/at-broadcast.js';
import { lossesOf, runToEnd } from '../../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere } from '../../../../helpers/programs/nats.js';

natsTest('the permissions that docs/nodes.md lists are enough', async (t) => {
  const { url: servers } = await natsServer(t, documentedPermissions('alpha', 'beta'));
  for (const name of ['alpha', 'beta']) {
    await workerHere(t, { servers, name, user: name, password: 'w' });
  }
  // Objects of many chunks, and rows that are fetched, shared and broadcast.
  const ratings = randomRatings({ users: 2_400, items: 300, density: 0.2 });
  const options = { rank: 32, iterations: 2, blocks: 4 };
  const expected = await runToEnd(ratings, options, inProcess());

  for (const routing of ['broadcast', 'routed'] as const) {
    const user = { servers, user: 'supervisor', password: 's' };
    const placement = nodes({ ...user, routing, deadline: 15, workers: 2 });
    const outcome = await runToEnd(ratings, options, placement);

    t.is(outcome.error, undefined);
    t.deepEqual(lossesOf(outcome), []);
    t.deepEqual(outcome.factors, expected.factors);
  }
});

natsTest('a worker of another name than its permissions fails at its start', async (t) => {
  const { url: servers } = await natsServer(t, documentedPermissions('alpha'));
  const start = startWorker({ servers, name: 'beta', threads: 1, user: 'alpha', password: 'w' });

  const error = await t.throwsAsync(start, { instanceOf: ConnectionError });

  for (const subject of ['publish to seesaw.hello.beta', 'subscribe to seesaw.join.beta.']) {
    t.true(error!.message.includes(subject), error!.message);
  }
  t.regex(error!.message, /try those of docs\/nodes.md, and for a worker --name/);
});

natsTest('a permission that is missing is named at the start', async (t) => {
  const right = documentedPermissions('alpha');
  const [worker, supervisor] = right.split('{ user: supervisor') as [string, string];
  const subjects = (text: string) =>
    [...text.matchAll(/"([^"]+)"/g)].map(([quoted, subject]) => ({ quoted, subject: subject! }));
  // Both have some in common, and a user with none may do everything.
  const own = [...subjects(worker), ...subjects(supervisor)];
  for (const { quoted, subject } of own.filter((_, at) => at % 3 === 0)) {
    const { url: servers } = await natsServer(t, right.replaceAll(quoted, '"unused"'));
    const found = await Promise.all(
      [
        startWorker({ servers, name: 'alpha', threads: 1, user: 'alpha', password: 'w' }).then(
          (worker) => worker.stop(),
        ),
        nodes({ servers, user: 'supervisor', password: 's', deadline: 0.1 }).kernels!(
          new AbortController().signal,
        ),
      ].map((starting) => starting.then(String, (error: Error) => error)),
    );
    const pattern = patternOf(subject);
    const errors = found.filter((each) => each instanceof ConnectionError);
    t.true(
      errors.some(({ message }) => pattern.test(message)),
      `${subject}: ${String(found)}`,
    );
  }
});

natsTest('a worker can neither send as another nor read messages to another', async (t) => {
  const { url: servers } = await natsServer(t, documentedPermissions('alpha', 'beta'));
  const connection = await connect({ servers, user: 'beta', pass: 'w' });
  t.teardown(() => connection.close());
  const forbidden = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') forbidden.add(/to "(\S+)"/.exec(status.error.message)![1]!);
    }
  })();
  const publish = [
    'seesaw.hello.alpha',
    'seesaw.job-1a.from.alpha.1',
    'seesaw.job-1a.to.alpha.1',
    'seesaw.job-1a.fetch.alpha.1',
    'seesaw.job-1a.rows.alpha.1',
    'seesaw.job-1a.alive',
    'seesaw.join.alpha.1',
    '_INBOX.supervisor.x.1',
    '_INBOX.worker.alpha.x.1',
    '$O.seesaw-job-1a.C.x',
    '$O.seesaw-job-1a.M.x',
    '$JS.API.STREAM.CREATE.OBJ_x',
    '$JS.API.STREAM.UPDATE.OBJ_x',
    '$JS.API.STREAM.DELETE.OBJ_x',
    '$JS.API.STREAM.PURGE.OBJ_x',
    '$JS.API.STREAM.MSG.DELETE.OBJ_x',
    '$JS.API.STREAM.SNAPSHOT.OBJ_x',
    '$JS.API.STREAM.RESTORE.OBJ_x',
  ];
  const subscribe = [
    'seesaw.>',
    'seesaw.hello.*',
    'seesaw.join.alpha.*',
    'seesaw.*.to.alpha.*',
    'seesaw.*.from.alpha.*',
    'seesaw.*.fetch.alpha.*',
    'seesaw.*.rows.alpha.*',
    '_INBOX.>',
    '_INBOX.worker.alpha.>',
    '_INBOX.supervisor.>',
    '$O.>',
    '>',
  ];

  for (const subject of publish) connection.publish(subject);
  for (const subject of subscribe) connection.subscribe(subject, { callback() {} });
  await connection.flush();
  await new Promise(setImmediate);

  t.deepEqual([...forbidden].sort(), [...publish, ...subscribe].sort());
});

natsTest('a worker that may not acknowledge what it hears ends, and says why', async (t) => {
  const silent = documentedPermissions('alpha', 'beta').replace(/allow_responses: true/, '');
  const { url: servers } = await natsServer(t, silent);
  const bus = await openBus({ servers, user: 'alpha', password: 'w' }, 'deaf', 60, 'worker.alpha');
  t.teardown(() => bus.close());
  bus.subscribe('seesaw.job-1a.rows', () => {});
  const beta = await connect({ servers, user: 'beta', pass: 'w' });
  t.teardown(() => beta.close());
  await beta.flush();

  beta.publish('seesaw.job-1a.rows', 'once', { reply: '_INBOX.other.1' });
  const error = await bus.closed;

  t.true(error instanceof ConnectionError);
  t.regex(String(error), /reply to _INBOX\.other\.1 \(allow_responses\)/);
});

natsTest('what others ask to acknowledge twice, or without a seal, closes nothing', async (t) => {
  const { url: servers } = await natsServer(t, documentedPermissions('alpha', 'beta'));
  await workerHere(t, { servers, name: 'alpha', user: 'alpha', password: 'w' });
  const bus = await openBus({ servers, user: 'beta', password: 'w' }, 'hears', 60, 'worker.beta');
  t.teardown(() => bus.close());
  bus.subscribe('seesaw.*.rows', () => {});
  const beta = await connect({ servers, user: 'beta', pass: 'w', noEcho: true });
  t.teardown(() => beta.close());
  let heard = '';
  const listening = beta.subscribe('seesaw.*.rows', {
    callback: (_, { subject }) => {
      heard ||= subject;
    },
  });
  const ratings = randomRatings({ users: 2_400, items: 300, density: 0.2 });
  const supervisor = { servers, user: 'supervisor', password: 's' };
  const placement = atBroadcast(nodes({ ...supervisor, workers: 1 }), async (placed, phase) => {
    for (const subject of ['seesaw.hello.beta', heard || 'seesaw.job-1a.rows']) {
      for (let time = 0; time < 20; time++) {
        beta.publish(subject, `${time}`, { reply: '_INBOX.supervisor.other.1' });
      }
    }
    await beta.flush();
    return placed.broadcast(phase);
  });

  const { error } = await runToEnd(ratings, { rank: 32, iterations: 3, blocks: 4 }, placement);

  t.is(error, undefined, String(error));
  t.true(heard !== '');
  t.is(await Promise.race([bus.closed, 'open']), 'open');
  listening.unsubscribe();
});

/** A subject of permissions, as a message has it. */
function patternOf(subject: string): RegExp {
  const parts = subject.split('.').map((part) => {
    if (part === '*') return '[^. ]+';
    return part === '>' ? '.+' : part.replace('$', '\\$');
  });
  return new RegExp(parts.join('\\.'));
}
