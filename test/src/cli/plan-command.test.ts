import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Line } from '../../../src/watch/lines.js';
import { RunView } from '../../../src/watch/view/run-view.js';
import {
  seesaw as seesawProcess,
  temporaryFolder,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

const { path: folder, remove } = temporaryFolder();
test.after.always(remove);
const env = { XDG_CACHE_HOME: folder };

test('one command makes the table of the notebook', async (t) => {
  const { status, stdout } = await seesawProcess(['plan', '--table'], { env });

  t.is(status, 0);
  for (const line of [
    /Medium .* 10 .* 5.0 MB .* 6.0 MB \/ 12.0 MB .* 54.0 MB/,
    /Large .* 100 .* 50.0 MB .* 60.0 MB \/ 120.0 MB .* 5.9 GB/,
    /Netflix .* 50 .* 9.0 MB .* 20.7 MB \/ 41.4 MB .* 1.0 GB/,
    /Spotify .* 10K .* 280.0 MB .* 15.6 GB \/ 31.2 GB .* 156.0 TB/,
  ]) {
    t.regex(stdout, line);
  }
});

test('a plan is for people, or one JSON object; ratings in a file have their own shape', async (t) => {
  const sizes = ['--users', '1e6', '--items', '2e5', '--ratings', '1e8'];
  const machines = ['--nodes', '4', '--network', '25Gbit', '--memory', '64GB'];
  const svg = join(folder, 'seconds.svg');
  const [text, json] = await Promise.all([
    seesaw(['plan', '--from', writeTwoTastes(folder), '--svg', svg], { env }),
    seesaw(['plan', ...sizes, ...machines, '--json'], { env }),
  ]);

  t.regex(text.stdout, /24 users × 16 items/);
  t.regex(text.stdout, /^solve .* arithmetic$/m);
  t.regex(readFileSync(svg, 'utf8'), /<svg .*node to node/s);
  t.true(text.stdout.endsWith(`\nwrote ${svg}\n`), text.stdout);
  t.regex(text.stdout, /^iterations .*expect \d+ \(\d+ to \d+\) until lists get no better/m);
  const plan = JSON.parse(json.stdout);
  t.is(plan.shape.iterations, plan.expectedIterations.lists.median);
  t.is(plan.cluster.networkBitsPerSecond, 25e9);
  t.is(plan.memory.offered, 64e9);
  t.true(plan.fits);
});

const onLinux = existsSync('/dev/full') ? test : test.skip;

onLinux('a picture that finds no room is an error that says so', async (t) => {
  const shape = ['--users', '1000', '--items', '500', '--ratings', '10000'];

  const { status, stderr } = await seesaw(['plan', ...shape, '--svg', '/dev/full'], { env });

  t.is(status, 1, stderr);
  t.regex(stderr, /^seesaw: .*no space left on the disk.*\/dev\/full.*try to free some space/);
});

test('a picture takes the place of a file as a whole', async (t) => {
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  const svg = join(pictures, 'seconds.svg');
  writeFileSync(svg, 'an older one');
  const shape = ['--users', '1000', '--items', '500', '--ratings', '10000'];

  const { status, stderr } = await seesaw(['plan', ...shape, '--svg', svg], { env });

  t.is(status, 0, stderr);
  t.regex(readFileSync(svg, 'utf8'), /^<svg .*<\/svg>\s*$/s);
  t.deepEqual(readdirSync(pictures), ['seconds.svg']);
});

test('what cannot be planned is said', async (t) => {
  const figures = join(folder, 'no-figures.json');
  writeFileSync(figures, '{"format":1}');
  const sizes = ['--users', '10', '--items', '10', '--ratings', '50'];
  const [none, damaged, speed] = await Promise.all([
    seesaw(['plan'], { env }),
    seesaw(['plan', ...sizes, '--figures', figures], { env }),
    seesaw(['plan', ...sizes, '--network', 'fast'], { env }),
  ]);

  t.is(none.status, 2);
  t.regex(none.stderr, /expected --users, --items and --ratings/);
  t.is(damaged.status, 1);
  t.regex(damaged.stderr, /found no figures of this version/);
  t.is(speed.status, 2);
  t.regex(speed.stderr, /such as 25Gbit/);
});

test('a simulation leaves its events for the page and as a Chrome trace', async (t) => {
  const sizes = ['--users', '1e5', '--items', '2e4', '--ratings', '1e7', '--nodes', '3'];
  const events = join(folder, 'lost.events.ndjson');
  const trace = join(folder, 'lost.json');
  const simulation = ['--simulate', '--iterations', '2', '--lose-node', '1@0.1'];
  const [text, none, wrong] = await Promise.all([
    seesaw(['plan', ...sizes, ...simulation, '--events', events, '--trace', trace], { env }),
    seesaw(['plan', ...sizes, '--straggler', '1:2'], { env }),
    seesaw(['plan', ...sizes, '--simulate', '--straggler', '7:2'], { env }),
  ]);

  t.regex(
    text.stdout,
    /simulated {3}2 iterations with seed 1.* node 1: its connection has closed/s,
  );
  const lines = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));
  const types = lines.map(({ type }) => type);
  t.deepEqual([types[0], types[1], types.at(-1)], ['run', 'started', 'closed']);
  t.is(types.filter((type) => type === 'phase').length, 4);
  const view = new RunView();
  for (const line of lines) view.apply(line);
  t.deepEqual([view.status, view.iterationsDone], ['finished', 2]);
  const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8'));
  t.true(traceEvents.some(({ name }: { name: string }) => name === 'user block 0'));
  t.is(none.status, 2);
  t.regex(none.stderr, /try --simulate/);
  t.not(wrong.status, 0);
  t.regex(wrong.stderr, /from 0 to 2/);
});
