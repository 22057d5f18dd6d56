import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadModel } from '../../../src/model/store/load-model.js';
import {
  eventsOn,
  seesaw as seesawProcess,
  temporaryFolder,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

/** A folder with ratings, and arguments to search with them quickly. */
function given(t: ExecutionContext) {
  const folder = temporaryFolder();
  t.teardown(folder.remove);
  const file = writeTwoTastes(folder.path);
  const model = join(folder.path, 'best');
  const quick = ['--iterations', '2', '--threads', '0', '--concurrency', '1'];
  return { file, model, args: ['search', file, '--output', model, ...quick] };
}

test('search tries every combination, shows them best first and saves the best', async (t) => {
  const { args, file, model } = given(t);

  const { status, stdout, stderr } = await seesawProcess([
    ...args,
    ...['--rank', '2,4', '--regularization', '1,1000'],
  ]);

  t.is(status, 0, stderr);
  t.is(stderr.match(/^trial \d\/4 {2}rank [24] {2}regularization 10*0? {2}ndcg@20 /gm)?.length, 4);
  const lines = stdout.match(/^ *\d\. +[01]\.\d{4} +[24] +10*\b.*$/gm) ?? [];
  const scores = lines.map((line) => Number(line.trim().split(/ +/)[1]));
  t.is(lines.length, 4);
  t.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  const [, , rank, regularization] = lines[0]!.trim().split(/ +/);
  const { settings, titles } = await loadModel(model);
  t.is(titles.get(101), 'Film number 101');
  t.regex(stdout, /, with titles of 16 of 16 items; try next:/);
  t.like(settings, { rank: Number(rank), regularization: Number(regularization), alpha: 0 });
  t.true(
    stdout.includes(
      `train ${file} --rank ${rank} --iterations 2 --regularization ${regularization} --no-holdout --output ${model}-of-all`,
    ),
    stdout,
  );
});

test('search --json prints the events of the search, one object a line, and nothing else', async (t) => {
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([...args, '--rank', '2,4', '--json']);

  t.is(status, 0);
  t.is(stderr, '');
  const events = eventsOn(stdout);
  const trial = [
    ...['trial-started', 'started'],
    ...['phase', 'phase', 'iteration', 'phase', 'phase', 'iteration'],
    ...['evaluation', 'finished', 'trial-finished'],
  ];
  t.deepEqual(
    events.map(({ type, event }) => event?.type ?? type),
    ['search-started', ...trial, ...trial, 'saved', 'finished'],
  );
  t.like(events.at(-1), { modelPath: model, failed: [], trials: { length: 2 } });
  t.deepEqual(events.at(-1).best, events.at(-1).trials[0]);
  t.false(stdout.includes('userFactors'));
});

test('search --trials draws from ranges, the same with the same seed', async (t) => {
  const { args } = given(t);
  const ranges = ['--trials', '3', '--regularization', '0.1..100', '--rank', '2..5'];

  const [first, more] = await Promise.all(
    [
      [...args, ...ranges],
      [...args, ...ranges, '--trials', '4'],
    ].map(async (words) => eventsOn((await seesaw([...words, '--json'])).stdout)),
  );

  const drawn = (events: readonly { type: string; options: object }[]) =>
    events.filter(({ type }) => type === 'trial-started').map(({ options }) => options);
  t.is(drawn(first!).length, 3);
  t.deepEqual(drawn(more!).slice(0, 3), drawn(first!));
  for (const { rank, regularization } of drawn(first!) as Record<string, number>[]) {
    t.true(Number.isInteger(rank) && rank! >= 2 && rank! <= 5);
    t.true(regularization! >= 0.1 && regularization! <= 100);
  }
});

test('search of explicit feedback compares the errors of ratings, the lowest first', async (t) => {
  const { args } = given(t);

  const { status, stdout } = await seesaw([
    ...args,
    ...['--feedback', 'explicit', '--regularization', '0.05,50', '--json'],
  ]);

  t.is(status, 0);
  const { trials } = eventsOn(stdout).at(-1);
  t.true(trials[0].score < trials[1].score);
  t.is(trials[0].score, trials[0].figures.rmse);
});

test('search refuses wrong options before it reads anything', async (t) => {
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([...args, '--rank', '2,600']);

  t.is(status, 2);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: option --rank is 600; expected/);
  t.false(existsSync(model));
});

test('search that is stopped keeps the best model so far', async (t) => {
  const { args, model } = given(t);

  const { status, stderr } = await seesawProcess(
    [...args, '--rank', '2,3,4,5', '--iterations', '40', '--json'],
    { interruptAt: '"type":"trial-finished"' },
  );

  t.is(status, 130);
  t.regex(stderr, /^stopped; the best model so far, trial \d \(--rank \d\), is saved in /);
  t.true((await loadModel(model)).rank >= 2);
});

test('search that is stopped before a trial is done saves nothing', async (t) => {
  const { args, model } = given(t);

  const { status, stderr } = await seesawProcess(
    [...args, '--rank', '100,200', '--iterations', '5000', '--json'],
    { interruptAt: '"type":"trial-started"' },
  );

  t.is(status, 130);
  t.regex(stderr, /nothing was saved/);
  t.false(existsSync(model));
});

/** With more dimensions than items, λ 0 makes rows that cholesky cannot solve. */
const singular = ['--solver', 'cholesky', '--regularization', '0'];

test('search continues after a failed trial, and reports it', async (t) => {
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([...args, ...singular, '--rank', '2,32']);

  t.is(status, 0, stderr);
  t.regex(stderr, /^trial \d\/2 failed \(--rank 32\): /m);
  t.regex(stdout, /^failed: --rank 32: /m);
  t.is((await loadModel(model)).rank, 2);
});

test('search in which every trial fails ends with status 1, and saves nothing', async (t) => {
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([
    ...args,
    ...singular,
    '--rank',
    '32,40',
    '--json',
  ]);

  t.is(status, 1);
  t.regex(stderr, /all 2 trials failed.*\(ERR_SEARCH_FAILED\)/s);
  const failed = eventsOn(stdout).filter(({ type }) => type === 'trial-failed');
  t.is(failed.length, 2);
  for (const { error } of failed) t.is(typeof error.message, 'string');
  t.false(existsSync(model));
});

test('search prints a training of all ratings that runs, with the flags it was given', async (t) => {
  const { args, file } = given(t);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(',', '\t'));
  const odd = ['--delimiter', 'tab', '--header', '--no-timestamp', '--feedback', 'explicit'];
  const { stdout } = await seesaw([...args, ...odd, '--no-biases', '--rank', '2,3']);

  const printed = /^ {2}\S+ \S+main\.js (train .* --no-holdout .*)$/m.exec(stdout)![1]!;
  t.true(printed.includes('--no-timestamp'), printed);
  t.true(printed.includes('--header --feedback explicit --no-biases --rank '), printed);
  t.true(printed.includes('--delimiter tab'), printed);
  const { status, stderr } = await seesaw([...printed.split(' '), '--threads', '0', '--quiet']);

  t.is(status, 0, stderr);
  const { settings } = await loadModel(printed.split(' --output ')[1]!);
  t.like(settings, { feedback: 'explicit', biases: false, iterations: 2 });
});

test('search needs ratings to compare by', async (t) => {
  const { args } = given(t);

  const { status, stderr } = await seesaw([...args, '--rank', '2,4', '--holdout', '0']);

  t.is(status, 2);
  t.regex(stderr, /^seesaw: found --holdout 0; expected ratings to compare by/);
});
