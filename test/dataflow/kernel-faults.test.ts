import test from 'ava';
import { lastValueFrom, type Observable, of, toArray } from 'rxjs';
import { BlockFailedError } from '../../actors/errors.js';
import { inProcess } from '../../actors/placements/in-process.js';
import { nodes } from '../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { evaluate } from '../../dataflow/evaluate.js';
import { recommendAll } from '../../dataflow/recommend-all.js';
import { holdout } from '../../dataflow/splits/holdout.js';
import { train } from '../../dataflow/training/train.js';
import { KernelFaultError } from '../../src/errors.js';
import { randomRatings } from '../helpers/builders/jobs.js';
import { randomModel } from '../helpers/builders/models.js';
import { useTrappingKernels } from '../helpers/fakes/trapping-kernels.js';
import { runProgram } from '../helpers/programs/child-program.js';
import { hasNatsServer, natsServer, workerHere } from '../helpers/programs/nats.js';

const ratings = randomRatings({ users: 30, items: 20, density: 0.4 });
const options = { rank: 4, iterations: 1, kernel: 'wasm', start: 'random' } as const;

const nodesTest = hasNatsServer ? test.serial : test.skip;

// Every test replaces the kernels of the whole process.
for (const placement of [inProcess(), threads(1)]) {
  test.serial(`a kernel that traps in training tells what it did: ${placement.name}`, async (t) => {
    await useTrappingKernels(t);

    const error = await failureOf(of(ratings).pipe(train({ ...options, placement })));

    t.true(error instanceof BlockFailedError);
    t.like(error, { code: 'ERR_BLOCK_FAILED', attempts: 1 });
    t.regex((error as Error).message, /solve user block \d+ of iteration 1 at rank 4 by cg/);
    t.like((error as Error).cause, {
      code: 'ERR_KERNEL_FAULT',
      reason: 'memory access out of bounds',
    });
  });

  test.serial(`a kernel that traps in ranking tells what it did: ${placement.name}`, async (t) => {
    await useTrappingKernels(t);
    const model = randomModel({ rank: 6, users: 20, items: 30 });

    const error = await failureOf(of(model).pipe(recommendAll({ placement })));

    t.true(error instanceof BlockFailedError);
    t.regex((error as Error).message, /rank 30 items for 20 users at rank 6/);
    t.true((error as Error).cause instanceof KernelFaultError);
  });
}

nodesTest('a kernel that traps on a node tells what it did', async (t) => {
  await useTrappingKernels(t);
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers });
  const placement: Placement = nodes({ servers });

  const error = await failureOf(of(ratings).pipe(train({ ...options, placement })));

  t.true(error instanceof BlockFailedError);
  t.true((error as Error).cause instanceof KernelFaultError);
  t.regex((error as Error).message, /at rank 4 by cg/);
});

test.serial('a kernel that traps in a model’s own methods tells what it did', async (t) => {
  await useTrappingKernels(t);
  const model = randomModel({ rank: 6, users: 20, items: 30 });
  const failure = { instanceOf: KernelFaultError, code: 'ERR_KERNEL_FAULT' };

  t.throws(() => [...model.recommendAll()], failure);
  t.throws(() => model.partialFit([{ user: 3, item: 4 }]), failure);
});

for (const measured of [{}, { k: [], auc: true }] as const) {
  test.serial(
    `a kernel that traps in evaluation is reported: ${JSON.stringify(measured)}`,
    async (t) => {
      await useTrappingKernels(t);
      const slow = { ...options, kernel: 'reference', placement: inProcess() } as const;

      const error = await failureOf(
        of(ratings).pipe(holdout({ fraction: 0.2, seed: 1 }), train(slow), evaluate(measured)),
      );

      t.true(error instanceof KernelFaultError);
    },
  );
}

const linuxTest = process.platform === 'linux' ? test.serial : test.serial.skip;

linuxTest('an error of memory that the system refuses says how much was asked for', async (t) => {
  const program = `
    import { fromRatings, inProcess, SeesawError, train } from 'build:src/index.js';
    const rows = [{ user: 1, item: 2 }, { user: 2, item: 3 }];
    fromRatings(rows).pipe(train({ placement: inProcess() })).subscribe({
      error: (error) => console.log(error instanceof SeesawError, error.code, error.neededBytes),
    });
  `;

  const { stdout } = await runProgram(program, { addressSpace: 6_000_000 });

  // How far a job gets before the system refuses depends on what Node itself takes.
  t.regex(stdout, /^true ERR_MEMORY_REFUSED \d+$/);
});

async function failureOf(events: Observable<unknown>): Promise<unknown> {
  return lastValueFrom(events.pipe(toArray())).then(
    () => undefined,
    (error: unknown) => error,
  );
}
