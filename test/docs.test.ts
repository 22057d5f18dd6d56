import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

test('the API reference has no export without its comment and no broken link', async (t) => {
  t.timeout(180_000);
  // Without links to sources, which need a remote of git called origin.
  const emitNothing = ['--emit', 'none', '--skipErrorChecking', '--disableSources'];

  // It ends with a status that is not 0 when it has warned.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    'node_modules/typedoc/bin/typedoc',
    ...emitNothing,
  ]);

  t.is(`${stdout}${stderr}`, '');
});
