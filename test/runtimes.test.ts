import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { scratchFolder } from './helpers/builders/scratch-folder.js';

const run = promisify(execFile);

const program = fileURLToPath(new URL('./helpers/programs/train-in-folder.js', import.meta.url));
const rows = Array.from({ length: 400 }, (_, n) => `u${n % 40},i${(n * 7) % 31},${1 + (n % 5)}`);

for (const [name, flags] of [
  ['bun', ['run']],
  ['deno', ['run', '--allow-all']],
] as const) {
  const isThere = installed(name);
  const title = `${name} trains the model that Node trains, to the last bit`;
  (isThere ? test : test.skip)(isThere ? title : `${title} (skipped: no ${name})`, async (t) => {
    t.timeout(180_000);
    const folder = await scratchFolder(t);
    await writeFile(
      join(folder, 'ratings.csv'),
      `user,item,rating\n${[...new Set(rows)].join('\n')}\n`,
    );

    const ofNode = await run(process.execPath, [program], { cwd: folder });
    const ofOther = await run(name, [...flags, program], { cwd: folder });

    t.is(JSON.parse(ofNode.stdout).length, 5);
    t.is(ofOther.stdout, ofNode.stdout);
  });
}

function installed(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
