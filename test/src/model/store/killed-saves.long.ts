import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { randomAt } from '../../../../src/random.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const helper = fileURLToPath(new URL('../../../helpers/programs/save-forever.js', import.meta.url));

test('of several processes that save to one path and are killed, a whole model is left', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);

  for (let round = 0; round < 20; round++) {
    const ends = [0, 1, 2].map(async (writer) => {
      const child = spawn(process.execPath, [helper, folder]);
      let left = 1 + Math.floor(12 * randomAt(1, round, writer));
      createInterface(child.stdout).on('line', () => {
        if (--left === 0) child.kill('SIGKILL');
      });
      await once(child, 'close');
    });
    await Promise.all(ends);
    t.true(['a,b,c', 'x,y,z'].includes((await loadModel(folder)).userIds.join()));
  }

  await smallModel().save(folder);
  t.is((await readdir(folder)).length, 4, 'what the dead left is gone');
});
