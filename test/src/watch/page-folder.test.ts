import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import axe from 'axe-core';
import { BehaviorSubject, concatWith, NEVER, of } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { gridSearch } from '../../../dataflow/search/grid-search.js';
import type { SearchEvent } from '../../../dataflow/search/search-event.js';
import type { DefaultTrialEvent } from '../../../dataflow/search/search-trials.js';
import { watch } from '../../../dataflow/watch/watch.js';
import type { EventLog } from '../../../src/watch/event-log.js';
import { servePage } from '../../../src/watch/page-server.js';
import { RunShelf } from '../../../src/watch/run-shelf.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { smallSplit } from '../../helpers/builders/searches.js';
import { emptyLog, watchedLog } from '../../helpers/builders/watched-log.js';
import { browserTest, closeBrowser, openPage, picture } from '../../helpers/probes/browser.js';

test.after.always(closeBrowser);

browserTest(
  'runs of a folder are laid over each other, and trials of a search compared',
  async (t) => {
    t.timeout(110_000);
    const folder = await scratchFolder(t);
    const settings = { rank: 8, solver: 'cg', alpha: 1 };
    await keep(folder, 'low', watchedLog({ iterations: 5, name: 'low', settings }));
    const other = { ...settings, rank: 16 };
    await keep(folder, 'high', watchedLog({ iterations: 8, name: 'high', settings: other }));
    await keep(folder, 'tuned', searchLog());
    const server = await servePage({ shelf: new RunShelf({ folder }), shown: 'low', port: 0 });
    t.teardown(() => server.close());
    const page = await openPage(t, server.url);

    await page.getByText('iteration 5 of 100,000').waitFor();
    await page.getByLabel('lay high over the curves').check();
    const key = page.getByRole('listitem').filter({ hasText: /^high: / });
    t.is((await key.textContent())?.trim(), 'high: rank 16', 'only the option that differs');
    await page.getByText('NDCG@20 of high').first().waitFor();
    const row = page.getByRole('row').filter({ hasText: 'high' });
    t.true((await row.textContent())?.includes('0.2875'), 'its last NDCG');
    const lists = page.getByLabel('Lists on withheld ratings: arrow keys read the values');
    await lists.press('End');
    await page.getByText(/^iteration 8: .*NDCG@20 of high 0\.2875/).waitFor();
    await picture(page, 'overlay');

    await page.getByRole('combobox').selectOption('tuned');
    await page.getByText('trial 2 of 4').waitFor();
    const table = page.getByRole('table').first();
    const rows = await table.getByRole('rowheader').allTextContents();
    t.deepEqual(rows, ['3', '1', '2', '4'], 'best first, a running one in its place');
    await table.getByText('iteration 1 of 6').waitFor();
    await table.getByText('failed: broke').waitFor();
    const byRank = page.getByLabel('NDCG@20 by rank: arrow keys go from trial to trial');
    t.is(await byRank.locator('circle').count(), 2);
    t.is(await byRank.locator('circle.running').count(), 1);
    await byRank.press('End');
    await page.getByText('trial 3: NDCG@20 0.3 · rank 32, solver cg · iteration 1 of 6').waitFor();
    const bySolver = page.getByLabel('NDCG@20 by solver: arrow keys go from trial to trial');
    t.deepEqual(await bySolver.locator('text').allTextContents(), [
      ...['0.2', '0.22', '0.24', '0.26', '0.28', '0.3'],
      ...['cg', 'cholesky'],
    ]);
    await picture(page, 'search');

    await page.setViewportSize({ width: 360, height: 740 });
    t.true(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'));
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>('axe.run()');
    t.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    await picture(page, 'search-narrow');
  },
);

browserTest('a search is paused, resumed and stopped by its buttons', async (t) => {
  t.timeout(110_000);
  const pause = new BehaviorSubject(false);
  const events: SearchEvent<object, DefaultTrialEvent>[] = [];
  let sawMore = (): void => {};
  const url = await new Promise<string>((resolve, reject) => {
    const run = of(smallSplit())
      .pipe(
        gridSearch({
          ...{ metric: 'ndcg@20', placement: inProcess(), concurrency: 2, pause },
          options: { rank: 2, iterations: [1, 1e6, 999_999, 999_998] },
        }),
        // The page stays until the test is over.
        concatWith(NEVER),
        watch({ port: 0, pause }),
      )
      .subscribe({
        next(event) {
          if (event.type === 'watching') return resolve(event.url);
          events.push(event);
          sawMore();
        },
        error: reject,
      });
    t.teardown(() => run.unsubscribe());
  });
  const page = await openPage(t, url);
  await page.getByText('trial 1 of 4').waitFor();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.pill.paused').waitFor();
  const count = events.length;
  await picture(page, 'search-paused');
  t.is(events.length, count, 'nothing goes on while a picture is taken');
  const more = new Promise<void>((resolve) => {
    sawMore = resolve;
  });
  await page.getByRole('button', { name: 'Resume' }).click();
  await more;
  await page.locator('.pill.training').waitFor();
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await page.locator('.pill.finished').waitFor();

  const last = events.at(-1)!;
  if (last.type !== 'finished') return t.fail(`the last event is ${last.type}`);
  t.is(last.best.trial, 1);
  const started = events.flatMap((event) => (event.type === 'trial-started' ? [event.trial] : []));
  t.deepEqual(started, [1, 2, 3], 'the fourth has not begun');
});

async function keep(folder: string, name: string, log: EventLog): Promise<void> {
  const { lines } = log.read(0, Number.POSITIVE_INFINITY);
  await writeFile(join(folder, `${name}.events.ndjson`), `${lines.join('\n')}\n`);
}

/** Of four trials one is done, two run, of which one has a figure, and one has failed. */
function searchLog(): EventLog {
  const log = emptyLog('tuned');
  log.append({
    ...{ type: 'search-started', trials: 4, folds: 1, concurrency: 2, metric: 'ndcg@20' },
  });
  const options = [8, 16, 32, 64].map((rank) => ({ rank, solver: rank < 32 ? 'cholesky' : 'cg' }));
  for (const [at, each] of options.entries()) {
    log.append({ type: 'trial-started', trial: at + 1, options: each });
  }
  log.append({
    ...{ type: 'trial-finished', trial: 1, options: options[0]!, score: 0.2, seconds: 1 },
    figures: {},
  });
  log.append({
    ...{ type: 'trial', trial: 3, fold: 0 },
    event: {
      ...{ type: 'started', users: 20, items: 10, ratings: 100, heldOut: 10, iterations: 6 },
      ...{ placement: 'threads(1)', kernel: 'wasm', settings: {} },
    },
  });
  log.append({
    ...{ type: 'trial', trial: 3, fold: 0 },
    event: {
      ...{ type: 'iteration', iteration: 1, rmse: 1, mae: 1, preferenceRmse: 0.5, seconds: 1 },
      loss: { observed: 1, unobserved: 1, regularization: 1, total: 3 },
      validation: { 'ndcg@20': 0.3 },
    },
  });
  log.append({ type: 'trial-failed', trial: 4, options: options[3]!, message: 'broke' });
  return log;
}
