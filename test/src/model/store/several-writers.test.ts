import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadCheckpoint } from '../../../../src/io/load-checkpoint.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const helper = fileURLToPath(new URL('../../../helpers/programs/save-many.js', import.meta.url));

/** Runs a task in a process of its own; what it complained of, or an empty text. */
async function inProcess(task: string, folder: string, times: number, letter = 'a') {
  const child = spawn(process.execPath, [helper, task, folder, String(times), letter]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  await once(child, 'close');
  return output;
}

test.serial('processes save to one path, and readers always find a whole model', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel({ userIds: ['z1', 'z2', 'z3'] }).save(folder);

  const complaints = await Promise.all([
    ...['a', 'b', 'c'].map((letter) => inProcess('save', folder, 25, letter)),
    inProcess('load', folder, 100),
  ]);

  t.deepEqual(complaints, ['', '', '', '']);
  t.regex((await loadModel(folder)).userIds.join(), /^[abc]1,[abc]2,[abc]3$/);
  await smallModel().save(folder);
  t.is((await readdir(folder)).length, 4, 'what writers left that are dead now is gone');
});

test.serial('processes write checkpoints to one path, and readers find whole ones', async (t) => {
  const folder = await scratchFolder(t);
  await inProcess('checkpoint', folder, 1);

  const complaints = await Promise.all([
    ...['a', 'b'].map((letter) => inProcess('checkpoint', folder, 25, letter)),
    inProcess('resume', folder, 100),
  ]);

  t.deepEqual(complaints, ['', '', '']);
  t.is((await loadCheckpoint(folder))!.snapshot.iteration, 25);
});

test('files of a live writer stay, and those of a dead one go', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  const [name] = (await readdir(folder)).filter((file) => file.startsWith('ratings'));
  // ratings.<place>-<process>-<random>.arrow: the place is this one.
  const place = name!.split('.')[1]!.split('-')[0];
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  const hex = (pid: number) => pid.toString(16).padStart(8, '0');
  const dead = `ratings.${place}-${hex(child.pid!)}-00000000.arrow`;
  const live = `ratings.${place}-${hex(process.ppid)}-00000000.arrow`;
  const elsewhere = 'ratings.00000000-00000001-00000000.arrow';
  const longAgo = 'ratings.00000000-00000002-00000000.arrow';
  for (const file of [dead, live, elsewhere, longAgo]) await writeFile(join(folder, file), 'half');
  await utimes(join(folder, longAgo), 0, 0);

  await smallModel().save(folder);

  const names = await readdir(folder);
  t.deepEqual(
    [dead, live, elsewhere, longAgo].map((file) => names.includes(file)),
    [false, true, true, false],
  );
  t.is(names.length, 6);
});
