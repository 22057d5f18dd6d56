import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { loadModel } from '../../../src/model/store/load-model.js';
import { temporaryFolder, writeTwoTastes } from '../../helpers/programs/command-line.js';
import { hasTerminals, onTerminal, screenOf } from '../../helpers/programs/terminal.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
// Each blocks this process while it waits, and none needs another one beside it.
const test = (hasTerminals ? anyTest.serial : anyTest.skip) as TestFn;

function given(t: ExecutionContext, command: 'train' | 'search') {
  const folder = temporaryFolder();
  t.teardown(folder.remove);
  const file = writeTwoTastes(folder.path);
  const model = join(folder.path, 'model');
  const words = [process.execPath, main, command, file, '--output', model, '--threads', '0'];
  return { folder: folder.path, model, words };
}

const endless = ['--rank', '2', '--iterations', '1000000'];
// It is drawn with the first iteration.
const trains = 'NDCG@20';

test('a Ctrl-C on a terminal keeps the model so far', async (t) => {
  const { model, words } = given(t, 'train');

  const { status, output } = onTerminal([...words, ...endless], { interruptAt: [trains] });

  t.is(status, 130, output);
  t.regex(output, /stopped; saves the model so far in \S+ in 2 s; Ctrl-C again drops it/);
  t.regex(output, /the model so far is\s+saved in/);
  t.is((await loadModel(model)).rank, 2);
});

test('a second Ctrl-C drops the model, and leaves nothing half-written', (t) => {
  const { folder, model, words } = given(t, 'train');
  const before = readdirSync(folder);

  const { status, signal, output } = onTerminal([...words, ...endless], {
    interruptAt: [trains, 'Ctrl-C again drops it'],
  });

  // Shells report 130 for both.
  t.is(status ?? 128 + signal!, 130, output);
  t.false(existsSync(model));
  t.deepEqual(readdirSync(folder), before);
});

test('a search on a narrow terminal shows its first lines and its leaderboard uncut', (t) => {
  const { words } = given(t, 'search');
  const tried = ['--rank', '2,4', '--regularization', '1', '--iterations', '2'];

  const { status, output } = onTerminal([...words, ...tried], { columns: 60 });

  t.is(status, 0, output);
  const screen = screenOf(output, 60);
  const text = screen.join('\n');
  t.regex(text, /^ratings {5}\S.*\n {12}\d+ by 24 users of 16 items, \S+ %\s+dense$/m);
  t.regex(text, /^search {6}2 trials of rank, by ndcg@20$/m);
  t.regex(text, /^ {4}ndcg@20 {2}rank {2}trained in\n1\. .*\n2\. /m);
  t.false(/^reading/m.test(text), text);
  t.false(/^trials /m.test(text), text);
  // A cursor that was hidden would stay so.
  t.false(output.includes('\u001b[?25l'));
});
