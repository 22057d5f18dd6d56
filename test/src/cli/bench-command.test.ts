import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { seesaw as seesawProcess, temporaryFolder } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

const tiny = ['bench', '--ratings', '3000', '--ranks', '4,8', '--solvers', 'cg', '--quick'];

test('bench shows people the machine and a line for each case', async (t) => {
  const { status, stdout, stderr } = await seesawProcess([...tiny, '--threads', '1']);

  t.is(status, 0, stderr);
  t.regex(stdout, /^seesaw \d.* with wasm-.* on Node \d/);
  t.regex(stdout, /3,000 made-up ratings by 6,040 users of 3,706 items/);
  t.is(stdout.match(/│ cg +│ +1 │/g)?.length, 2);
  t.is(stderr.match(/^[12]\/2 {2}rank [48] cg × 1/gm)?.length, 2);
});

test('bench --json prints the setting, then a figure for each case, and --output writes both', async (t) => {
  const folder = temporaryFolder();
  t.teardown(folder.remove);
  const output = join(folder.path, 'figures.json');

  const args = [...tiny, '--threads', '1,2', '--json', '--output', output];
  const { status, stdout, stderr } = await seesawProcess(args);

  t.is(status, 0, stderr);
  t.is(stderr, '');
  const [setting, ...figures] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(setting.type, 'setting');
  t.is(setting.ratings, 3000);
  t.deepEqual(
    figures.map(({ rank, solver, threads }) => [rank, solver, threads]),
    [
      [4, 'cg', 1],
      [4, 'cg', 2],
      [8, 'cg', 1],
      [8, 'cg', 2],
    ],
  );
  t.true(figures.every(({ seconds, gigaflops }) => seconds > 0 && gigaflops > 0));
  const written = JSON.parse(readFileSync(output, 'utf8'));
  t.deepEqual(
    written.figures,
    figures.map(({ type: _, ...figure }) => figure),
  );
});

test('bench stops on Ctrl-C with status 130', async (t) => {
  const args = ['bench', '--ratings', '100000', '--ranks', '256', '--json'];
  const { status, stderr } = await seesawProcess(args, {
    onFirstOutput: ({ interrupt }) => interrupt(),
  });

  t.is(status, 130);
  t.is(stderr, 'stopped; nothing was saved\n');
});

test('bench refuses a solver it does not know, and a folder that is not there', async (t) => {
  const solver = await seesaw(['bench', '--solvers', 'cg,lu']);
  const folder = await seesaw(['bench', '--output', 'no-such-folder/figures.json']);

  t.is(solver.status, 2);
  t.regex(solver.stderr, /some of cg,cholesky,subspace/);
  t.is(folder.status, 1);
  t.regex(folder.stderr, /ENOENT/);
});
