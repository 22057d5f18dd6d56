import test from 'ava';
import { csvCase } from '../../helpers/builders/csv-cases.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { csvCaseProblem } from '../../helpers/probes/csv-case-problem.js';

test('every row of a thousand files is read, or an error names the line', async (t) => {
  const first = Number(process.env.SEED ?? 0);
  t.log(`seeds from ${first}; others with SEED`);
  for (let seed = first; seed < first + 1000; seed++) {
    const csv = csvCase(seed, { most: 25_000 });

    const problem = await csvCaseProblem(csv, await scratchFolder(t));

    t.is(problem, undefined, csv.traits.join('; '));
  }
});
