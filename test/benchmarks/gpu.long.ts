import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testOnGpu } from '../helpers/builders/software-gpu.js';

testOnGpu('the GPU benchmark finds both programs right, and times them', async (t) => {
  t.timeout(600_000);
  const script = 'build/benchmarks/gpu.js';
  const flags = ['--json', '--cases', 'tiny', '--ranks', '8', '--iterations', '1'];

  // It ends with a status that is not 0 when something is wrong.
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...flags]);

  const reported = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ofType = (type: string) => reported.filter((each) => each.type === type);
  t.is(reported[0].type, 'device');
  t.true(reported[0].bandwidth.bytesPerSecond > 0);
  t.true(ofType('check').length > 0 && ofType('check').every(({ isRight }) => isRight));
  t.deepEqual(
    ofType('lists-check').map(({ wrong }) => wrong),
    [0],
  );
  t.deepEqual(
    ofType('time').map(({ program }) => program),
    ['wgsl', 'gpu.js'],
  );
  for (const time of ofType('time')) {
    t.true(time.gpu.seconds > 0 && time.wasm.seconds > 0 && time.floorSeconds > 0);
    t.true(time.lossesApart < 1e-3);
  }
  t.is(ofType('lists').length, 1);
});
