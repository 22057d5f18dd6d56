import type { Worker } from 'node:worker_threads';
import test from 'ava';
import axe from 'axe-core';
import { concatWith, NEVER, of } from 'rxjs';
import { threads } from '../../../actors/placements/threads/threads.js';
import { evaluate } from '../../../dataflow/evaluate.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { watch } from '../../../dataflow/watch/watch.js';
import type { LineLog } from '../../../src/watch/event-log.js';
import type { Control } from '../../../src/watch/lines.js';
import { servePage } from '../../../src/watch/page-server.js';
import { RunShelf } from '../../../src/watch/run-shelf.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { smallModel } from '../../helpers/builders/models.js';
import { addIteration, watchedLog } from '../../helpers/builders/watched-log.js';
import { browserTest, closeBrowser, openPage, picture } from '../../helpers/probes/browser.js';

test.after.always(closeBrowser);

const startedAt = '2026-01-01T00:00:00.000Z';
const hostile = '<img src=x onerror="document.title=1"> Jam';

browserTest('a run is watched from start to finish, and a killed thread shows', async (t) => {
  t.timeout(110_000);
  const ratings = randomRatings({ users: 900, items: 700, density: 0.2 });
  const options = { rank: 96, iterations: 4, blocks: 8, solver: 'cholesky' } as const;
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on('worker', collect);
  t.teardown(() => process.off('worker', collect));

  const url = await new Promise<string>((resolve, reject) => {
    const run = of(ratings)
      .pipe(
        holdout({ fraction: 0.1, seed: 1 }),
        train({ ...options, placement: threads(2) }),
        evaluate({ k: 20 }),
        // The page stays until the test is over.
        concatWith(NEVER),
        watch({ port: 0 }),
      )
      .subscribe({
        next(event) {
          if (event.type === 'watching') resolve(event.url);
          // The next phase is handed out in this turn; by the next one the threads are solving.
          if (event.type !== 'phase' || event.iteration > 2) return;
          setImmediate(() => workers.at(-1)?.terminate());
        },
        error: reject,
      });
    t.teardown(() => run.unsubscribe());
  });
  const page = await openPage(t, url);

  await page.getByText('trained', { exact: true }).waitFor();
  await page.getByText('iteration 4 of 4').waitFor();
  t.regex((await page.locator('.fault-count').textContent()) ?? '', /^\d+ faults?$/);
  await page
    .getByText(/block \d+: .* \(solve again\)/)
    .first()
    .waitFor();
  await page.getByRole('rowheader', { name: 'NDCG@20' }).waitFor();
  const timeline = page.getByLabel(/^Timeline of blocks/);
  await timeline.press('ArrowRight');
  await page
    .getByText(/^(user|item) block \d+ of iteration \d · [\d,]+ rows · .* · thread \d+/)
    .waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Chrome trace' }).click();
  t.regex((await download).suggestedFilename(), /\.trace\.json$/);
  await picture(page, 'trained');
});

browserTest('two tabs show a pause, a lost node, and go on after a reconnect', async (t) => {
  t.timeout(110_000);
  const pressed: Control[] = [];
  const log = watchedLog({ iterations: 3 });
  const controls = () => ['pause', 'resume'] as const;
  const onControl = (control: Control) => {
    pressed.push(control);
    log.append({ type: 'control', ...control });
  };
  const settings = { shelf: shelfOf(log), controls, onControl };
  const server = await servePage({ ...settings, port: 0 });
  const [first, second] = [await openPage(t, server.url), await openPage(t, server.url)];

  await first.getByRole('button', { name: 'Pause' }).click();
  await second.getByRole('button', { name: 'Resume' }).waitFor();
  await second.locator('.pill.paused').waitFor();
  log.append({
    ...{ type: 'fault', component: 'node', iteration: 3, node: 'beta' },
    ...{ message: 'silent for 3 s', action: 'solve-elsewhere' },
  });
  await first.getByText('beta: silent for 3 s (solve elsewhere)').waitFor();
  await picture(first, 'paused');
  await server.close();
  await second.getByText('connection lost').waitFor();
  log.append({ type: 'control', action: 'resume' });
  addIteration(log, 4);
  const again = await servePage({ ...settings, port: Number(new URL(server.url).port) });
  t.teardown(() => again.close());

  await second.getByText('iteration 4 of 100,000').waitFor();
  await second.locator('.pill.training').waitFor();
  t.is(await second.locator('.fault-count').textContent(), '1 fault');
  t.deepEqual(pressed, [{ action: 'pause' }]);
});

browserTest(
  '100,000 events are drawn, frozen and read; a hidden tab is not connected',
  async (t) => {
    t.timeout(110_000);
    const log = watchedLog({ iterations: 33_334 });
    const listeners = new Set<() => void>();
    const counted = {
      get end() {
        return log.end;
      },
      isClosed: false,
      read: log.read.bind(log),
      listen(onMore: () => void) {
        listeners.add(onMore);
        const leave = log.listen(onMore);
        return () => {
          listeners.delete(onMore);
          leave();
        };
      },
    };
    const server = await servePage({ shelf: shelfOf(counted), port: 0 });
    t.teardown(() => server.close());
    const page = await openPage(t, server.url);

    await page.getByText('iteration 33,334 of 100,000').waitFor();
    await page.getByRole('button', { name: 'Whole run' }).click();
    await page.getByRole('button', { name: 'Freeze' }).click();
    addIteration(log, 33_335);
    await page.getByText('iteration 33,335 of 100,000').waitFor();
    const loss = page.getByLabel('Loss: arrow keys read the values', { exact: true });
    await loss.press('End');
    await page.getByText(/^iteration 33,33\d: loss/).waitFor();
    await picture(page, 'many-events');
    t.is(listeners.size, 1);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
    while (listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
    addIteration(log, 33_336);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: false });
    document.dispatchEvent(new Event('visibilitychange'));`);
    await page.getByText('iteration 33,336 of 100,000').waitFor();
  },
);

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(
    `at 360 px, ${colorScheme}, by keyboard, the page has nothing that axe finds`,
    async (t) => {
      t.timeout(110_000);
      const log = watchedLog({ iterations: 12 });
      log.append({
        ...{ type: 'evaluation', model: { 'ndcg@20': 0.25 } },
        mostPopular: { 'ndcg@20': 0.12 },
      });
      log.append({ type: 'finished', iterations: 12, seconds: 3 });
      log.close();
      const server = await servePage({ shelf: shelfOf(log), port: 0 });
      t.teardown(() => server.close());
      const viewport = { width: 360, height: 740 };
      const page = await openPage(t, server.url, {
        colorScheme,
        viewport,
        reducedMotion: 'reduce',
      });
      await page.getByText('finished', { exact: true }).waitFor();

      await page.getByLabel('User id, or words of a title').focus();
      await page.keyboard.type('jam');
      await page.getByText('for example').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: `${hostile} 10` }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText(`Most similar to ${hostile} 10`).waitFor();
      await page.getByLabel('User id, or words of a title').fill('b');
      await page.getByRole('button', { name: 'user b' }).press('Enter');
      await page.getByRole('button', { name: /^why/ }).first().press('Enter');
      await page.getByText('from everything else').waitFor();
      const table = page.getByText('Table of Loss', { exact: true });
      await table.focus();
      await table.press('Enter');
      await page.getByText('all 12').waitFor();

      t.is(await page.title(), 'Seesaw', 'titles of items are text');
      t.is(await page.locator('img').count(), 0);
      t.true(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'));
      await page.evaluate(axe.source);
      const found = await page.evaluate<{
        violations: { id: string; nodes: { html: string }[] }[];
      }>('axe.run()');
      const violations = found.violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
      t.deepEqual(violations, []);
      await picture(page, `narrow-${colorScheme}`);
    },
  );
}

function shelfOf(log: LineLog): RunShelf {
  const titles = [10, 20, 30].map((id) => [id, `${hostile} ${id}`] as const);
  const model = smallModel().withTitles(new Map(titles));
  const live = { name: 'run', log, model: () => model, startedAt, settings: () => ({}) };
  return new RunShelf({ live });
}
