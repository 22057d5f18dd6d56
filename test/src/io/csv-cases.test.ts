import test from 'ava';
import { csvCase } from '../../helpers/builders/csv-cases.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { csvCaseProblem } from '../../helpers/probes/csv-case-problem.js';

test('every row of sixty files is read, or an error names the line', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const csv = csvCase(seed, { most: 1500 });

    const problem = await csvCaseProblem(csv, await scratchFolder(t));

    t.is(problem, undefined, csv.traits.join('; '));
  }
});
