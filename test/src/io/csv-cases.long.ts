import test from 'ava';
import { csvCaseProblem } from '../../helpers/csv-case-problem.js';
import { csvCase } from '../../helpers/csv-cases.js';
import { scratchFolder } from '../../helpers/scratch-folder.js';

test('every row of a thousand files is read, or an error names the line', async (t) => {
  const first = Number(process.env.SEED ?? 0);
  t.log(`seeds from ${first}; others with SEED`);
  for (let seed = first; seed < first + 1000; seed++) {
    const csv = csvCase(seed, { most: 25_000 });

    const problem = await csvCaseProblem(csv, await scratchFolder(t));

    t.is(problem, undefined, csv.traits.join('; '));
  }
});
