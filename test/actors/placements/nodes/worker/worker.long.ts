import { EventEmitter, once } from 'node:events';
import { ConnectionError } from '../../../../../actors/errors.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { openBus } from '../../../../../actors/placements/nodes/transport/nats.js';
import type { WorkerEvent } from '../../../../../actors/placements/nodes/worker/worker-options.js';
import { shapeOf } from '../../../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import { packageVersion } from '../../../../../src/version.js';
import { openJob, randomRatings } from '../../../../helpers/builders/jobs.js';
import { askToJoin, firstHello } from '../../../../helpers/fakes/hand-made-supervisor.js';
import { natsServer, natsTest, workerHere } from '../../../../helpers/programs/nats.js';

natsTest(
  'a worker leaves a supervisor that has died, clears up, and serves the next',
  async (t) => {
    const { url: servers } = await natsServer(t);
    const reported = new EventEmitter();
    const onEvent = (event: WorkerEvent) => void reported.emit(event.type, event);
    await workerHere(t, { servers, onEvent });
    const bus = await openBus({ servers }, 'a supervisor that dies');
    t.teardown(() => bus.close());
    const hello = await firstHello(bus);
    const ratings = randomRatings({ users: 9, items: 8, density: 0.5 });
    const { job } = openJob(chooseKernel('auto'), ratings, { rank: 2 });
    const shape = shapeOf(job.layout);

    await bus.objects('seesaw-job-1a', true);
    const leaving = once(reported, 'left');
    await askToJoin(bus, hello, { version: packageVersion, shape });
    const [left] = await leaving;

    t.is(left.reason, 'its supervisor is silent');
    await t.throwsAsync(bus.objects('seesaw-job-1a', false), { instanceOf: ConnectionError });
    const placed = await nodes({ servers, deadline: 5 }).open(job.layout);
    await t.notThrowsAsync(placed.close());
  },
);
