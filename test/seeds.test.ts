import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'seeds.test.ts')
  .map((file) => join('test', file));

test('every property test draws from a seed, so that a failure comes again', (t) => {
  const unseeded = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    const draws = text.match(/\bfc\.(assert|check|sample|statistics)\(/g)?.length ?? 0;
    const seeds = text.match(/\bseed: \d+/g)?.length ?? 0;
    return draws > seeds;
  });

  t.deepEqual(unseeded, []);
});

test('no test draws from Math.random', (t) => {
  const random = files.filter((file) => readFileSync(file, 'utf8').includes('Math.random('));

  t.deepEqual(random, []);
});
