import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { WatchError } from '../../../src/errors.js';
import { EventLog } from '../../../src/watch/event-log.js';
import { LineFile } from '../../../src/watch/line-file.js';
import type { Control, Session } from '../../../src/watch/lines.js';
import { type PageSettings, servePage } from '../../../src/watch/page-server.js';
import { locateRuns, RunShelf } from '../../../src/watch/run-shelf.js';
import { smallModel } from '../../helpers/builders/models.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const startedAt = '2026-01-01T00:00:00.000Z';
const head = { type: 'run', format: 1, name: 'run', startedAt } as const;

test('a page has no inline code, loads nothing from elsewhere and holds its token', async (t) => {
  const { url } = await served(t);
  const response = await fetch(url);
  const html = await response.text();

  const policy = response.headers.get('content-security-policy')!;
  t.regex(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  t.notRegex(policy, /unsafe/);
  t.notRegex(html, /https?:|%TOKEN%/);
  t.regex(html, /name="seesaw-token" content="[\w-]{32}"/);
  t.is((await fetch(`${url}../../package.json`)).status, 404);
  t.is((await fetch(`${url}assets/%2e%2e/%2e%2e/package.json`)).status, 404);
});

test('a name of another site that leads here is refused', async (t) => {
  const { url } = await served(t);
  for (const [host, status] of [
    ['attacker.example', 403],
    ['127.0.0.1.attacker.example:80', 403],
    ['localhost.:1', 403],
    ['localhost:9000', 200],
    ['[::1]:9000', 200],
  ] as const) {
    t.is(await statusOf(`${url}api/session`, { host }), status, host);
  }
});

test('a button needs the token and the origin of the page', async (t) => {
  const pressed: Control[] = [];
  const controls = () => ['pause', 'move'] as const;
  const { url } = await served(t, { controls, onControl: (control) => pressed.push(control) });
  const token = /content="([\w-]{32})"/.exec(await (await fetch(url)).text())![1]!;
  const origin = url.slice(0, -1);
  const press = async (body: string, headers: Record<string, string>) =>
    (await fetch(`${url}api/control`, { method: 'POST', body, headers })).status;
  const pause = JSON.stringify({ action: 'pause' });
  const own = { origin, 'x-seesaw-token': token };

  t.is(await press(pause, {}), 403);
  t.is(await press(pause, { 'x-seesaw-token': token }), 403);
  t.is(await press(pause, { ...own, origin: 'https://attacker.example' }), 403);
  t.is(await press(pause, { ...own, origin: 'null' }), 403);
  t.is(await press(pause, { ...own, 'x-seesaw-token': `${token.slice(1)}x` }), 403);
  t.is(await press('{"action":"move","threads":-1}', own), 400);
  t.is(await press('{"action":"explode"}', own), 400);
  t.is(await press('no JSON', own), 400);
  t.is(await press(JSON.stringify({ action: 'stop' }), own), 409, 'not offered');
  t.deepEqual(pressed, []);
  t.is(await press(pause, own), 200);
  t.is(await press('{"action":"move","threads":3}', own), 200);
  t.deepEqual(pressed, [{ action: 'pause' }, { action: 'move', threads: 3 }]);
});

test('events are numbered, and go on after the last one that a page has seen', async (t) => {
  const { url, log } = await served(t);
  for (const iteration of [1, 2, 3]) log.append({ type: 'checkpoint', ...checkpoint(iteration) });
  log.close();

  const all = await text(`${url}api/events?run=run`);
  const id = /^id: ([0-9a-f]+)-5$/m.exec(all);
  t.truthy(id, all);
  t.deepEqual(iterationsIn(all), [1, 2, 3]);
  t.true(all.endsWith('event: end\ndata:\n\n'));
  const later = await text(`${url}api/events?run=run`, { 'last-event-id': `${id![1]}-3` });
  t.deepEqual(iterationsIn(later), [3]);
  t.deepEqual(iterationsIn(await text(`${url}api/events?run=run&after=${id![1]}-4`)), []);
  const ofAnother = await text(`${url}api/events?run=run`, { 'last-event-id': 'abcd1234-3' });
  t.deepEqual(iterationsIn(ofAnother), [1, 2, 3], 'another server numbered other lines');
});

test('a log keeps its memory bounded by dropping the oldest phases', (t) => {
  const log = new EventLog({ now: () => 0, maxLength: 20_000 });
  const blocks = { start: [1], time: [2], place: [0] };
  for (let iteration = 1; iteration <= 200; iteration++) {
    log.append({
      ...{ type: 'phase', iteration, side: 'user', seconds: 1, places: ['x'], blocks },
      ...{ broadcastBytes: 0, uploadedBytes: 0, readBackBytes: 0 },
    });
    log.append({ type: 'checkpoint', ...checkpoint(iteration) });
  }

  const { lines, next } = log.read(0, Number.POSITIVE_INFINITY);
  t.is(next, 400);
  t.is(lines.filter((line) => line.includes('checkpoint')).length, 200);
  t.true(lines.filter((line) => line.includes('phase')).length < 100);
  t.true(lines.at(-2)!.includes('"iteration":200'), 'the latest phase stays');
});

test('lines have the times at which they came, also those that are made when they are read', (t) => {
  let ms = 0;
  const log = new EventLog({ now: () => ms });
  let madeCount = 0;
  const addOne = () => {
    ms += 500;
    log.append(() => ({ type: 'checkpoint', ...checkpoint(++madeCount) }));
  };
  addOne();
  addOne();
  t.is(log.end, 2);
  t.is(madeCount, 0, 'nobody has read');

  const { lines } = log.read(1, 1000);

  t.like(JSON.parse(lines[0]!), { at: 1, type: 'checkpoint', iteration: 2 });
  for (let line = 0; line < 1000; line++) addOne();
  t.true(madeCount > 900, 'objects of a run that nobody reads do not pile up');
});

test('a model answers by title and id, and titles are data', async (t) => {
  const title = '<img src=x onerror=alert(1)> Café';
  const model = smallModel().withTitles(new Map([[10, title]]));
  const { url } = await served(t, {}, model);
  const ask = async (path: string) => JSON.parse(await text(`${url}api/${path}`));

  t.deepEqual(await ask('find?run=run&text=cafe'), { users: [], items: [{ id: '10', title }] });
  t.deepEqual((await ask('find?run=run&text=a')).users, ['a']);
  t.deepEqual((await ask('find?run=run&text=10')).items, [{ id: '10', title }], 'by its id');
  t.is((await ask('find?run=run&text=')).items.length, 3, 'examples');
  t.deepEqual(
    (await ask('user?run=run&user=b')).recommended.map(({ id }: { id: string }) => id),
    model.recommend('b', { count: 10 }).map(({ itemId }) => String(itemId)),
  );
  t.is((await ask('item?run=run&item=20')).similar.length, 2);
  const why = await ask('why?run=run&user=b&item=10');
  t.is(why.title, title);
  const sum = why.contributions.reduce(
    (all: number, { score }: { score: number }) => all + score,
    0,
  );
  t.true(Math.abs(why.baseline + sum + why.others - why.score) < 1e-9);
  t.is(await statusOf(`${url}api/user?run=run&user=stranger`), 404);
  t.regex((await ask('user?run=run&user=stranger')).message, /stranger/);
  t.is(await statusOf(`${url}api/user?run=..%2Frun&user=a`), 404);
  const json = await fetch(`${url}api/find?run=run&text=cafe`);
  t.is(json.headers.get('content-type'), 'application/json');
  t.is(json.headers.get('x-content-type-options'), 'nosniff');
});

test('kept runs of a folder are listed, read, and followed while they grow', async (t) => {
  const folder = await scratchFolder(t);
  const file = join(folder, 'a.events.ndjson');
  await writeFile(file, `${JSON.stringify({ at: 0, ...head, name: 'a' })}\n{"at":1,"type":"mov`);
  await writeFile(join(folder, 'other.events.ndjson'), 'no run\n');
  const shelf = new RunShelf({ folder });
  t.teardown(() => shelf.close());

  t.like(await locateRuns(join(folder, 'a')), { folder, shown: 'a' });
  t.like(await locateRuns(folder), { folder, shown: undefined });
  await t.throwsAsync(locateRuns(join(folder, 'b')), { instanceOf: WatchError });
  await t.throwsAsync(locateRuns(join(folder, 'other')), { code: 'ERR_WATCH' });
  t.deepEqual(
    (await shelf.list()).map(({ id, isLive }) => [id, isLive]),
    [['a', false]],
  );
  const log = (await shelf.log('a'))!;
  t.is(log.end, 1, 'half a line is none');
  t.is(await shelf.log('../a'), undefined);
  await appendFile(file, 'ed","from":"x","to":"y"}\n{"at":2,"type":"closed"}\n');
  // The log's own timer does not keep a process.
  const alive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => log.listen(resolve));
  clearInterval(alive);
  t.is(log.end, 3);
  t.true(log.isClosed);
});

test('a file of events that cannot be written is refused, one that fails later is reported', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'file'), '');
  const log = new EventLog({ now: () => 0 });
  const refused = LineFile.create(join(folder, 'file', 'events'), log, () => {});
  await t.throwsAsync(refused, { code: 'ERR_WATCH' });

  const path = join(folder, 'sub', 'run.events.ndjson');
  log.append(head);
  const file = await LineFile.create(path, log, () => {});
  log.append({ type: 'saved', path: 'x' });
  log.close();
  await file.close();
  const { lines } = log.read(0, Number.POSITIVE_INFINITY);
  t.is(lines.length, 3);
  t.is(await readFile(path, 'utf8'), lines.map((line) => `${line}\n`).join(''));
  const failures: unknown[] = [];
  const full = await LineFile.create('/dev/full', log, (error) => failures.push(error));
  await full.close();
  t.is(failures.length, 1);
});

test('a port that is taken is refused, and the usual one gives way', async (t) => {
  const { url } = await served(t);
  const port = Number(new URL(url).port);

  const shelf = new RunShelf({});
  await t.throwsAsync(servePage({ shelf, port }), { code: 'ERR_WATCH', message: /EADDRINUSE/ });
  const [first, second] = [await servePage({ shelf }), await servePage({ shelf })];
  t.not(first.url, second.url);
  await first.close();
  await second.close();
});

async function served(
  t: ExecutionContext,
  settings: Partial<PageSettings> = {},
  model = smallModel(),
) {
  const log = new EventLog({ now: () => 0 });
  log.append(head);
  const live = { name: 'run', log, model: () => model, startedAt, settings: () => ({}) };
  const server = await servePage({ shelf: new RunShelf({ live }), port: 0, ...settings });
  t.teardown(() => server.close());
  const session: Session = JSON.parse(await text(`${server.url}api/session`));
  t.is(session.shown, 'run');
  return { url: server.url, log };
}

function checkpoint(iteration: number) {
  return { iteration, path: 'run', bytes: 1, seconds: 1 };
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  return (await fetch(url, { headers })).text();
}

/** `fetch` does not let a program choose `Host`. */
function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

function iterationsIn(events: string): number[] {
  const lines = [...events.matchAll(/^data: (\{.*"checkpoint".*\})$/gm)];
  return lines.map(([, line]) => JSON.parse(line!).iteration);
}
