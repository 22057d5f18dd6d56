import test from 'ava';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { killServices } from '../../helpers/suites/killed-services.js';
import { fuzzRequests } from '../../helpers/suites/request-fuzzing.js';

test.serial(
  'a service that is killed at 200 moments loses nothing that it acknowledged',
  async (t) => {
    t.timeout(1_200_000);
    const { problems, acknowledged } = await killServices(1, 200, await scratchFolder(t));

    t.deepEqual(problems, []);
    t.true(acknowledged > 1_000);
  },
);

test.serial(
  '100,000 hostile requests get no 500, no list of another, and leave no memory behind',
  async (t) => {
    t.timeout(1_200_000);
    t.deepEqual(await fuzzRequests(2, 20_000), []);
    const before = await heapBytes();
    for (let round = 0; round < 4; round++) {
      t.deepEqual(await fuzzRequests(3 + round, 20_000), []);
    }
    const grown = (await heapBytes()) - before;

    t.true(grown < 20e6, `${grown} bytes more`);
  },
);

/** What is in use after garbage is gone. */
async function heapBytes(): Promise<number> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
