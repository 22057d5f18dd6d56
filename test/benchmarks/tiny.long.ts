import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);

/** Every question of the processor's, asked as small as it can be: does the script answer? */
const questions = [
  'iteration-speed --cases tiny --ranks 8',
  'top-n --cases tiny --ranks 8 --rounds 1',
  'actor-overhead --cases tiny --ranks 8 --rounds 1',
  'actor-overhead --watch --cases tiny --ranks 8 --rounds 1',
  'solver-quality --cases tiny --ranks 8',
  'model-changes --cases tiny --ranks 8',
  'parts-speed --quick --rounds 1 --iterations 1',
  'load-ratings --rows 1000 --rounds 1',
  'file-to-model --rows 20000 --rounds 1',
];

for (const question of questions) {
  test.serial(`npm run bench: ${question}`, async (t) => {
    const [name, ...flags] = question.split(' ');

    const { stdout } = await run(process.execPath, [`build/benchmarks/${name}.js`, ...flags]);

    t.regex(stdout, /^\| .*\d.* \|$/m);
  });
}
