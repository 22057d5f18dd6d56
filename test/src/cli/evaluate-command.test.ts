import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  seesaw as seesawProcess,
  temporaryFolder,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

/** A model of most ratings of two tastes, and a file with the others and some strangers. */
async function given(t: ExecutionContext, flags: readonly string[] = []) {
  const folder = temporaryFolder();
  t.teardown(folder.remove);
  const file = writeTwoTastes(folder.path);
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const later = lines.filter((_, at) => at % 5 === 0);
  const before = lines.filter((line) => !later.includes(line));
  const write = (name: string, rows: readonly string[]) => {
    writeFileSync(join(folder.path, name), `${[header, ...rows].join('\n')}\n`);
    return join(folder.path, name);
  };
  const model = join(folder.path, 'model');
  const trained = await seesaw([
    ...['train', write('before.csv', before), '--no-holdout', '--output', model],
    ...['--rank', '4', '--iterations', '3', '--threads', '0', '--quiet', ...flags],
  ]);
  t.is(trained.status, 0, trained.stderr);
  const strangers = ['99,101,3', '99,103,3', '1,199,3', before[0]!];
  return { model, later: write('later.csv', [...later, ...strangers]), count: later.length };
}

test('evaluate shows figures at every k, the baseline, and what was left out', async (t) => {
  const { model, later, count } = await given(t);

  const { status, stdout, stderr } = await seesawProcess([
    ...['evaluate', model, later, '--k', '2,5', '--auc'],
  ]);

  t.is(status, 0, stderr);
  t.true(stdout.startsWith(`${count} ratings by `), stdout);
  t.regex(stdout, /left out 2 ratings by unknown users/);
  t.regex(stdout, /left out 1 rating of unknown items/);
  t.regex(stdout, /left out 1 rating that the model has seen/);
  t.regex(stdout, /recall@2 .* hit rate@5 .* AUC /s);
  t.regex(stderr, /^evaluated \d+ users$/m);
});

test('evaluate --json prints one object and nothing else', async (t) => {
  const { model, later, count } = await given(t);

  const { status, stdout, stderr } = await seesaw(['evaluate', model, later, '--json']);

  t.is(status, 0);
  t.is(stderr, '');
  const evaluation = JSON.parse(stdout);
  t.like(evaluation, {
    type: 'evaluation',
    withheld: count,
    leftOut: { unknownUser: 2, unknownItem: 1, seen: 1 },
    model: { k: [20] },
  });
  // Everyone's own taste has eight items, so twenty results hold all that was withheld.
  t.is(evaluation.model['recall@20'], 1);
  t.true(evaluation.model['ndcg@20'] > evaluation.mostPopular['ndcg@20']);
});

test('evaluate of explicit feedback shows errors beside those of means', async (t) => {
  const { model, later } = await given(t, ['--feedback', 'explicit']);

  const { status, stdout } = await seesaw(['evaluate', model, later, '--clip', '1,5', '--quiet']);

  t.is(status, 0);
  t.regex(stdout, /model .* item mean .* global mean/);
  t.regex(stdout, /RMSE .* \d\.\d{4} .*MAE .* \d\.\d{4}/s);
});

test('evaluate says what is wrong with its flags and its files', async (t) => {
  const { model, later } = await given(t);
  const outcomeOf = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await seesaw(['evaluate', ...args]);
    t.is(stdout, '');
    return `${status} ${stderr}`;
  };

  t.regex(await outcomeOf(model), /^2 .*missing required argument 'files'/);
  t.regex(await outcomeOf(model, later, '--k', '5,0', '--quiet'), /^2 .*--k is \[5, 0\]/);
  t.regex(await outcomeOf(model, later, '--k', '5,', '--quiet'), /^2 .*--k.*Expected a number/);
  t.regex(await outcomeOf(model, later, '--clip', '5', '--quiet'), /^2 .*--clip is \[5\]/);
  t.regex(await outcomeOf(model, later, '--clip', '1,5', '--quiet'), /^2 .*--clip .* implicit/);
  t.regex(await outcomeOf(later, later, '--quiet'), /^1 .*\(ERR_MODEL_/);
  t.regex(await outcomeOf(model, `${later}.gone`, '--quiet'), /^1 .*\(ERR_FILE_NOT_FOUND\)/);
});
