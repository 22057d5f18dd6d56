import test from 'ava';
import { WorkerRegistry } from '../../../../../actors/placements/nodes/cluster/registry.js';
import {
  type Hello,
  protocolVersion,
} from '../../../../../actors/placements/nodes/protocol/messages.js';
import { packageVersion } from '../../../../../src/version.js';

const alpha: Hello = {
  type: 'hello',
  protocol: protocolVersion,
  version: packageVersion,
  worker: 'alpha-1',
  name: 'alpha',
  key: 'of alpha',
  threads: 2,
  memory: 1e9,
  kernels: ['reference', 'wasm-simd128'],
  jobs: '*',
  hasData: false,
  busy: 0,
};

function registry(): WorkerRegistry {
  return new WorkerRegistry({ job: 'nightly-1a', kernel: 'wasm-simd128', maxMissedTicks: 3 });
}

test('a worker that can take the job is a candidate, also one that has it', (t) => {
  const found = registry();
  found.hear(alpha);
  found.hear({ ...alpha, worker: 'beta-1', name: 'beta', job: 'nightly-1a' });

  t.deepEqual(
    found.candidates().map(({ name }) => name),
    ['alpha', 'beta'],
  );
});

for (const [what, hello, reason] of [
  ['of another version', { version: '9.9.9' }, `version 9.9.9, not ${packageVersion}`],
  ['without the kernel', { kernels: ['reference'] }, 'cannot run kernel wasm-simd128'],
  ['for other jobs', { jobs: 'daily*' }, 'takes jobs like daily*'],
  ['with another job', { job: 'daily-2b' }, 'has job daily-2b'],
] as const) {
  test(`a worker ${what} is no candidate, and the registry says why`, (t) => {
    const found = registry();
    found.hear({ ...alpha, ...hello });

    t.deepEqual(found.candidates(), []);
    t.true(found.describe().includes(reason), found.describe());
  });
}

test('a worker that refused is not asked again', (t) => {
  const found = registry();
  found.hear(alpha);
  found.refuse(alpha.worker, 'it has no memory');
  found.hear(alpha);

  t.deepEqual(found.candidates(), []);
  t.is(found.describe(), 'alpha (it has no memory)');
});

test('a worker falls silent after so many ticks without a sign, once', (t) => {
  const found = registry();
  found.hear(alpha);
  found.tick();
  found.tick();
  found.hear(alpha);

  const silent = Array.from({ length: 5 }, () => found.tick().map(({ name }) => name));

  t.deepEqual(silent, [[], [], ['alpha'], [], []]);
  t.is(found.describe(), 'no worker');
});
