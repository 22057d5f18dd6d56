import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { freeMemoryHere, memoryHere, offeredMemory } from '../../src/machine-memory.js';

test('no more than the machine has', (t) => {
  t.true(memoryHere() > 0 && memoryHere() <= totalmem());
  t.true(freeMemoryHere() <= totalmem());
});

test('workers of one machine share what they offer', (t) => {
  const free = freemem();

  const [alone, ofFour] = [offeredMemory(), offeredMemory(4)];

  t.true(ofFour >= 1 && ofFour <= alone);
  t.true(4 * ofFour <= 0.8 * Math.max(free, freemem()));
});

/** Where a container's limit is set: the file, by version of control groups. */
const limits = [
  { folder: '/sys/fs/cgroup/memory', file: 'memory.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', file: 'memory.max' },
];
const writable = limits.find(({ folder, file }) => {
  // The group of all has no limit of its own in version 2.
  const sign = file === 'memory.max' ? 'cgroup.controllers' : file;
  return existsSync(join(folder, sign)) && canWrite(folder);
});
const containerTest = writable ? test : test.skip;

containerTest('a container with less memory than the machine has counts', (t) => {
  const limit = 512 * 1024 * 1024;
  const folder = join(writable!.folder, `seesaw-test-${process.pid}`);
  mkdirSync(folder);
  t.teardown(() => rmdirSync(folder));
  writeFileSync(join(folder, writable!.file), `${limit}`);
  const module = JSON.stringify(new URL('../../src/machine-memory.js', import.meta.url));
  const program = `import(${module}).then((here) => console.log(JSON.stringify(
    { all: here.memoryHere(), free: here.freeMemoryHere() })))`;

  const script = `echo $$ > ${folder}/cgroup.procs && exec "$0" -e "$1"`;
  const said = execFileSync('sh', ['-c', script, process.execPath, program], { encoding: 'utf8' });

  const { all, free } = JSON.parse(said);
  t.is(all, limit);
  t.true(free > limit / 2 && free < limit);
});

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
