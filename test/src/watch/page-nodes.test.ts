import test from 'ava';
import { concatWith, NEVER, of } from 'rxjs';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { train } from '../../../dataflow/training/train.js';
import { watch } from '../../../dataflow/watch/watch.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { atTask } from '../../helpers/fakes/at-task.js';
import { browserTest, closeBrowser, openPage, picture } from '../../helpers/probes/browser.js';
import { hasNatsServer, natsServer, workerProcess } from '../../helpers/programs/nats.js';

test.after.always(closeBrowser);

const nodesTest = hasNatsServer ? browserTest : test.serial.skip;

nodesTest('a node that is really killed shows, and where its blocks went', async (t) => {
  t.timeout(110_000);
  const { url: servers } = await natsServer(t);
  await workerProcess(t, servers, 'alpha');
  const victim = await workerProcess(t, servers, 'beta');
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 5 } as const;
  const placement = atTask(nodes({ servers, workers: 2 }), task, () => victim.kill('SIGKILL'));
  const ratings = randomRatings({ users: 300, items: 200, density: 0.2 });

  const url = await new Promise<string>((resolve, reject) => {
    const run = of(ratings)
      .pipe(
        train({ rank: 16, iterations: 4, blocks: 8, placement }),
        // The page stays until the test is over.
        concatWith(NEVER),
        watch({ port: 0 }),
      )
      .subscribe({
        next: (event) => {
          if (event.type === 'watching') resolve(event.url);
        },
        error: reject,
      });
    t.teardown(() => run.unsubscribe());
  });
  const page = await openPage(t, url);
  await page.getByText('iteration 4 of 4').waitFor();

  await page
    .getByText(/beta: (its connection has closed|no sign of life).* \(solve elsewhere\)/)
    .first()
    .waitFor();
  t.regex((await page.locator('.fault-count').textContent()) ?? '', /^\d+ faults?$/);
  await page.getByText('Table of places and happenings').click();
  const survivor = page.getByRole('row', { name: /^alpha, thread/ });
  const cells = await survivor.getByRole('cell').allTextContents();
  t.true(Number(cells.at(-1)) > 0, 'blocks of beta are marked on the lane of alpha');
  await page.getByRole('button', { name: 'Whole run' }).click();
  await picture(page, 'lost-node');
});
