import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

test('the quickstart prints what its README says', async (t) => {
  const readme = readFileSync('examples/quickstart/README.md', 'utf8');
  const [, expected] = readme.match(/^```text\n(.*?)^```$/ms) ?? [];

  const { stdout } = await promisify(execFile)(process.execPath, [
    'build/examples/quickstart/index.js',
  ]);

  t.is(stdout, expected);
});
