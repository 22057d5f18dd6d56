import { runProgram } from '../../../helpers/programs/child-program.js';
import { natsServer, natsTest } from '../../../helpers/programs/nats.js';

natsTest('forty blocks that wait for a worker to come are no leak of listeners', async (t) => {
  const { url: servers } = await natsServer(t);

  const { stdout, status, stderr } = await runProgram(`
    import { nodes } from 'build:actors/placements/nodes/nodes.js';
    import { startWorker } from 'build:actors/placements/nodes/worker/start-worker.js';
    import { atTask } from 'build:test/helpers/fakes/at-task.js';
    import { randomRatings } from 'build:test/helpers/builders/jobs.js';
    import { runToEnd } from 'build:test/helpers/probes/runs.js';
    process.on('warning', ({ name, message }) => console.log(name, message));
    const servers = '${servers}';
    const first = await startWorker({ servers, name: 'first', threads: 1 });
    let second;
    const change = async () => {
      await first.stop();
      second = await startWorker({ servers, name: 'second', threads: 1 });
    };
    const ratings = randomRatings({ users: 120, items: 80, density: 0.1 });
    const task = { kind: 'solve', iteration: 2, side: 'user', block: 39 };
    const placement = atTask(nodes({ servers }), task, () => void change());
    const { error } = await runToEnd(ratings, { rank: 4, iterations: 3, blocks: 40 }, placement);
    console.log(error ?? 'finished', second !== undefined);
    await second.stop();`);

  t.is(stdout, 'finished true', stderr);
  t.is(status, 0);
});
