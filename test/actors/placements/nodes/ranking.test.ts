import test from 'ava';
import { of } from 'rxjs';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../../actors/placements/placement.js';
import { evaluate } from '../../../../dataflow/evaluate.js';
import { recommendAll } from '../../../../dataflow/recommend-all.js';
import { holdout } from '../../../../dataflow/splits/holdout.js';
import { train } from '../../../../dataflow/training/train.js';
import { PlacementError } from '../../../../src/errors.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { eventsOf } from '../../../helpers/probes/events.js';
import { natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

natsTest('what was trained on nodes is evaluated and ranked on this machine', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers });
  const ratings = randomRatings({ users: 40, items: 30, density: 0.3 });
  const trainedOn = (placement: Placement) =>
    of(ratings).pipe(
      holdout({ fraction: 0.1, seed: 7 }),
      train({ rank: 4, iterations: 2, placement }),
    );
  const evaluation = async (placement: Placement) =>
    (await eventsOf(trainedOn(placement).pipe(evaluate()))).find(
      ({ type }) => type === 'evaluation',
    );
  const lists = (placement: Placement) =>
    eventsOf(trainedOn(placement).pipe(recommendAll({ count: 3, placement: inProcess() })));

  const near = inProcess();
  const far = nodes({ servers });

  t.deepEqual(await evaluation(far), await evaluation(near));
  t.deepEqual(await lists(far), await lists(near));
});

test('lists for all users on nodes are refused, with what to take instead', async (t) => {
  const placement = nodes({ servers: 'nats://127.0.0.1:4222' });

  const error = await t.throwsAsync(eventsOf(of(smallModel()).pipe(recommendAll({ placement }))), {
    instanceOf: PlacementError,
  });

  t.regex(error!.message, /found nodes\(\) for a ranking.*; try placement: threads\(\)/);
});
