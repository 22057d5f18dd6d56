import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  BehaviorSubject,
  concatWith,
  lastValueFrom,
  NEVER,
  of,
  Subject,
  tap,
  throwError,
} from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { gridSearch } from '../../../dataflow/search/grid-search.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { watch } from '../../../dataflow/watch/watch.js';
import type { Control, Line, PhaseLine } from '../../../src/watch/lines.js';
import { RunView } from '../../../src/watch/view/run-view.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { eventsOf, finishedOf } from '../../helpers/probes/events.js';

const ratings = randomRatings({ users: 40, items: 30, density: 0.3 });
const options = { rank: 4, iterations: 3, blocks: 3, placement: inProcess() };

test('a watched run gives the same events after the address of its page', async (t) => {
  const plain = await eventsOf(of(ratings).pipe(train(options)));
  const watched = await eventsOf(of(ratings).pipe(train(options), watch({ port: 0 })));

  const [watching, ...others] = watched;
  t.regex(watching?.type === 'watching' ? watching.url : '', /^http:\/\/127\.0\.0\.1:\d+\/$/);
  t.deepEqual(
    others.map(({ type }) => type),
    plain.map(({ type }) => type),
  );
  t.deepEqual(finishedOf(watched).model.userFactors, finishedOf(plain).model.userFactors);
});

test('events reach the page also where they are not kept', async (t) => {
  const url = await new Promise<string>((resolve) => {
    let address = '';
    const run = of({ type: 'saved', path: 'somewhere' })
      .pipe(concatWith(NEVER), watch({ port: 0 }))
      .subscribe((event) => {
        if ('url' in event) address = event.url;
        else resolve(address);
      });
    t.teardown(() => run.unsubscribe());
  });

  const { body } = await fetch(`${url}api/events?run=this%20run`);
  let text = '';
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes('somewhere')) break;
  }

  t.regex(text, /^data: \{"at":[\d.]+,"type":"run",/m);
});

test('events are kept beside the model, one JSON object a line', async (t) => {
  const model = join(await scratchFolder(t), 'model');
  const split$ = of(ratings).pipe(holdout({ fraction: 0.2, seed: 1 }));

  const reported = await eventsOf(split$.pipe(train(options), watch({ port: 0, model })));

  const lines = await keptLines(`${model}.events.ndjson`);
  t.deepEqual(
    lines.map(({ type }) => type),
    ['run', ...reported.slice(1).map(({ type }) => type), 'closed'],
  );
  t.true(lines.every(({ at }, index) => at >= (lines[index - 1]?.at ?? 0)));
  const phases = lines.filter((line): line is PhaseLine & Line => line.type === 'phase');
  for (const { blocks, places, seconds } of phases) {
    t.is(blocks.start.length, 3);
    t.deepEqual(places, ['event loop']);
    const ends = blocks.start.map((start, block) => start + blocks.time[block]!);
    t.true(Math.max(...ends) <= seconds * 1e6 + 3, 'blocks end within the phase');
  }
  t.deepEqual(
    phases.map(({ blocks }) => blocks.rows !== undefined),
    [true, true, false, false, false, false],
  );
  t.like(lines[1], { type: 'started', settings: { rank: 4 } });
});

test('the page stops a run, which keeps the model of its last iteration', async (t) => {
  const events: { readonly type: string }[] = [];
  const endless = { ...options, iterations: 1e6 };
  let pressed: Promise<number> | undefined;
  let url = '';
  const watched$ = of(ratings).pipe(
    train(endless),
    watch({ port: 0 }),
    tap((event) => {
      events.push(event);
      if (event.type === 'watching') url = event.url;
      if (event.type === 'iteration') pressed ??= press(url, { action: 'stop' });
    }),
  );

  const last = await lastValueFrom(watched$);

  t.is(await pressed, 200);
  t.is(last.type, 'finished');
  const iterations = events.filter(({ type }) => type === 'iteration').length;
  t.is(finishedOf(events).iterations, iterations);
});

test('the page pauses, moves and resumes a run through the subjects of its options', async (t) => {
  const pause = new BehaviorSubject(false);
  const placement = new BehaviorSubject<Placement>(inProcess());
  const given: unknown[] = [];
  pause.subscribe((value) => given.push(value));
  placement.subscribe(({ name }) => given.push(name));
  const endless = { ...options, iterations: 1e6, pause, placement };
  const model = join(await scratchFolder(t), 'model');
  let asked: Promise<void> | undefined;
  const askAll = async (url: string) => {
    t.is(await press(url, { action: 'pause' }), 200);
    t.is(await press(url, { action: 'move', threads: 1 }), 200);
    t.is(await press(url, { action: 'resume' }), 200);
    t.is(await press(url, { action: 'stop' }), 200);
  };
  let url = '';
  await eventsOf(
    of(ratings).pipe(
      train(endless),
      watch({ port: 0, model, pause, placement }),
      tap((event) => {
        if (event.type === 'watching') url = event.url;
        if (event.type === 'iteration') asked ??= askAll(url);
      }),
    ),
  );
  await asked;

  t.deepEqual(given, [false, 'in-process', true, 'threads(1)', false, false]);
  const controls = (await keptLines(`${model}.events.ndjson`)).flatMap((line) =>
    line.type === 'control' ? [line.action] : [],
  );
  t.deepEqual(controls, ['pause', 'move', 'resume', 'stop']);
});

test('a search leaves its trials with their options, iterations and scores', async (t) => {
  const model = join(await scratchFolder(t), 'model');
  const search = gridSearch({
    ...{ metric: 'ndcg@20', placement: inProcess(), concurrency: 1 },
    options: { rank: [2, 4], iterations: 2 },
  });

  await eventsOf(
    of(ratings).pipe(holdout({ fraction: 0.2, seed: 1 }), search, watch({ port: 0, model })),
  );

  const lines = await keptLines(`${model}.events.ndjson`);
  const finished = lines.filter((line) => line.type === 'trial-finished');
  t.deepEqual(
    finished.map((line) => line.type === 'trial-finished' && line.options.rank),
    [2, 4],
  );
  const trials = lines.filter((line) => line.type === 'trial');
  t.deepEqual(
    trials.map((line) => line.type === 'trial' && line.event.type),
    ['started', 'iteration', 'iteration', 'started', 'iteration', 'iteration'],
  );
  t.is(lines.at(-1)?.type, 'closed');
});

test('the page stops a search, which keeps the best of the trials that are done', async (t) => {
  const model = join(await scratchFolder(t), 'model');
  const search = gridSearch({
    ...{ metric: 'ndcg@20', placement: inProcess(), concurrency: 1 },
    options: { rank: 2, iterations: [1, 1e6] },
  });
  let pressed: Promise<number> | undefined;
  let url = '';

  const last = await lastValueFrom(
    of(ratings).pipe(
      holdout({ fraction: 0.2, seed: 1 }),
      search,
      watch({ port: 0, model }),
      tap((event) => {
        if (event.type === 'watching') url = event.url;
        if (event.type === 'trial-finished') pressed = press(url, { action: 'stop' });
      }),
    ),
  );

  t.is(await pressed, 200);
  if (last.type !== 'finished') return t.fail(`the last event is ${last.type}`);
  t.deepEqual([last.best.trial, last.trials.length, last.failed], [1, 1, []]);
  t.is(last.model?.rank, 2);
  const view = new RunView();
  for (const line of await keptLines(`${model}.events.ndjson`)) view.apply(line);
  t.deepEqual(
    view.trials.sorted().map(({ trial, status }) => [trial, status]),
    [
      [1, 'finished'],
      [2, 'stopped'],
    ],
  );
});

test('an error of the run passes through and stays in the events', async (t) => {
  const model = join(await scratchFolder(t), 'model');
  const broken$ = throwError(() => new Error('broke'));

  await t.throwsAsync(eventsOf(broken$.pipe(watch<{ type: string }>({ port: 0, model }))), {
    message: 'broke',
  });

  const lines = await keptLines(`${model}.events.ndjson`);
  t.like(lines.at(-2), { type: 'failed', message: 'broke' });
});

test('unsubscribing closes the page, also while it opens', async (t) => {
  let url = '';
  const never$ = new Subject<{ readonly type: string }>();
  const opened = await new Promise<{ unsubscribe(): void }>((resolve) => {
    const subscription = never$.pipe(watch({ port: 0 })).subscribe((event) => {
      if ('url' in event) url = event.url;
      setImmediate(() => resolve(subscription));
    });
  });
  t.is((await fetch(url)).status, 200);
  t.true(never$.observed);

  opened.unsubscribe();
  never$
    .pipe(watch({ port: 0 }))
    .subscribe()
    .unsubscribe();

  t.false(never$.observed);
  while (await fetch(url).then(Boolean, () => false));
  t.pass('without a subscriber');
});

async function press(url: string, control: Control): Promise<number> {
  const token = /content="([\w-]{32})"/.exec(await (await fetch(url)).text())![1]!;
  const { status } = await fetch(`${url}api/control`, {
    method: 'POST',
    headers: { origin: url.slice(0, -1), 'x-seesaw-token': token },
    body: JSON.stringify(control),
  });
  return status;
}

/** A file is whole some turns after the stream has ended. */
async function keptLines(path: string): Promise<Line[]> {
  for (;;) {
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    if (lines.at(-1)?.includes('"closed"')) return lines.map((line) => JSON.parse(line));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
