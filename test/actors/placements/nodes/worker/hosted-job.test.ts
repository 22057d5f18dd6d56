import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import {
  type JobData,
  rangesOf,
} from '../../../../../actors/placements/nodes/protocol/job-data.js';
import type { NodeAnswer } from '../../../../../actors/placements/nodes/protocol/messages.js';
import { Seal } from '../../../../../actors/placements/nodes/seal/seal.js';
import { hostJob } from '../../../../../actors/placements/nodes/worker/hosted-job.js';
import type { Placement } from '../../../../../actors/placements/placement.js';
import { shapeOf } from '../../../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import { openJob, randomRatings } from '../../../../helpers/builders/jobs.js';

const blocks = 8;

test('a placement of two slots is given three tasks at a time, so that one can go ahead', async (t) => {
  const ratings = randomRatings({ users: 40, items: 12, density: 0.4 });
  const { layout } = openJob(chooseKernel('auto'), ratings, { rank: 6, blocks }).job;
  const wanted: JobData[] = [
    { type: 'rows', side: 'user' },
    { type: 'rows', side: 'item' },
    ...Array.from({ length: blocks }, (_, block): JobData => {
      return { type: 'ratings', side: 'user', block };
    }),
  ];
  let underWay = 0;
  let most = 0;
  const placement: Placement = {
    ...inProcess(),
    slots: 2,
    async open(job) {
      const placed = await inProcess().open(job);
      return {
        ...placed,
        async solve(task) {
          most = Math.max(most, ++underWay);
          // Time for all of them to come.
          for (let turn = 0; turn < 20 * blocks; turn++) await nextTurn();
          const result = await placed.solve(task);
          underWay--;
          return result;
        },
      };
    },
  };
  const answers = new Map<number, (answer: NodeAnswer) => void>();
  const hosted = hostJob({
    inParts: false,
    job: 'job-1',
    shape: shapeOf(layout),
    placement,
    seal: new Seal(new Uint8Array(32)),
    objects: {
      async get(name, memory, ranges) {
        const from = rangesOf(layout, wanted[Number(name)]!);
        for (const [at, { offset, bytes }] of ranges.entries()) {
          const source = new Uint8Array(layout.memory.buffer, from[at]!.offset, bytes);
          new Uint8Array(memory, offset, bytes).set(source);
        }
      },
      async put() {
        return '';
      },
      async remove() {},
      async destroy() {},
    },
    answer: (answer) => {
      if ('number' in answer) answers.get(answer.number)?.(answer);
    },
  });
  t.teardown(() => hosted.close());
  let lastNumber = 0;
  const ask = (command: DistributiveOmit<Parameters<typeof hosted.receive>[0], 'number'>) =>
    new Promise<NodeAnswer>((resolve) => {
      answers.set(++lastNumber, resolve);
      hosted.receive({ ...command, number: lastNumber });
    });
  for (const [name, data] of wanted.entries()) {
    t.is((await ask({ type: 'load', data, object: `${name}`, digest: '' })).type, 'loaded');
  }

  const solved = await Promise.all(
    Array.from({ length: blocks }, (_, block) =>
      ask({ type: 'solve', task: { kind: 'solve', iteration: 1, side: 'user', block } }),
    ),
  );

  t.true(solved.every(({ type }) => type === 'solved'));
  t.is(most, 3);
});

type DistributiveOmit<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never;
