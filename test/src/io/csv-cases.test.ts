import test from 'ava';
import { csvCaseProblem } from '../../helpers/csv-case-problem.js';
import { csvCase } from '../../helpers/csv-cases.js';
import { scratchFolder } from '../../helpers/scratch-folder.js';

test('every row of sixty files is read, or an error names the line', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const csv = csvCase(seed, { most: 1500 });

    const problem = await csvCaseProblem(csv, await scratchFolder(t));

    t.is(problem, undefined, csv.traits.join('; '));
  }
});
