import test from 'ava';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { killServices } from '../../helpers/suites/killed-services.js';
import { fuzzRequests } from '../../helpers/suites/request-fuzzing.js';

for (let part = 1; part <= 5; part++) {
  test.serial(
    `a service killed at 40 moments loses nothing acknowledged, ${part} of 5`,
    async (t) => {
      t.timeout(1_200_000);
      const { problems, acknowledged } = await killServices(part, 40, await scratchFolder(t));

      t.deepEqual(problems, []);
      t.true(acknowledged > 200);
    },
  );
}

let before: number | undefined;

for (let part = 1; part <= 5; part++) {
  test.serial(
    `20,000 hostile requests harm no client and leave no memory, ${part} of 5`,
    async (t) => {
      t.timeout(1_200_000);
      t.deepEqual(await fuzzRequests(1 + part, 20_000), []);

      const bytes = await heapBytes();
      before ??= bytes;
      t.true(bytes - before < 20e6, `${bytes - before} bytes more`);
    },
  );
}

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
