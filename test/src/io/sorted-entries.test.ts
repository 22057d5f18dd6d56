import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { Buckets, planBuckets } from '../../../src/io/sorted-entries/buckets.js';
import { KeptFiles } from '../../../src/io/sorted-entries/kept-files.js';
import {
  recordWords,
  sortByRow,
  sortRecords,
} from '../../../src/io/sorted-entries/sort-records.js';
import { SpillFile } from '../../../src/io/sorted-entries/spill-file.js';
import { randomAt } from '../../../src/random.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { untilTrue } from '../../helpers/probes/resources.js';

test('bytes that outgrow memory are read from disk as from memory', async (t) => {
  const folder = await scratchFolder(t);
  const file = new SpillFile('bytes', async () => folder);
  const piece = (at: number) => new Uint32Array(2 ** 21).fill(at);
  for (const at of [0, 1, 2]) {
    await file.append(piece(at));
    const end = new Uint32Array(3);
    await file.read(2 ** 23 * at + 2 ** 22, end);
    t.deepEqual([...end], [at, at, at]);
  }
  const across = new Uint32Array(4);

  await file.read(2 ** 23 - 8, across);

  t.deepEqual([...across], [0, 0, 1, 1]);
  file.readSync(2 ** 24 - 8, across);
  t.deepEqual([...across], [1, 1, 2, 2]);
  await file.remove();
});

test('a folder that takes no file is an error of the source', async (t) => {
  const folder = join(await scratchFolder(t), 'missing');
  const file = new SpillFile('bytes', async () => folder);

  await t.throwsAsync(file.append(new Uint8Array(2 ** 24 + 1)), { name: 'SourceError' });
});

test('files go with the object that they belong to', async (t) => {
  const folders = async () =>
    (await readdir(tmpdir())).filter((name) => name.includes(`-${process.pid}-`));
  let owner: object | undefined = {};
  const file = KeptFiles.of(owner).file('bytes');
  await file.append(new Uint8Array(2 ** 24 + 1));
  t.is((await folders()).length, 1);

  owner = undefined;
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await untilTrue(() => {
    collectGarbage();
    return !readdirSync(tmpdir()).some((name) => name.includes(`-${process.pid}-`));
  });

  t.is(owner, undefined);
  t.deepEqual(await folders(), []);
});

test('buckets keep every record, in its order, over several pages', async (t) => {
  const folder = await scratchFolder(t);
  const counts = Uint32Array.of(300_000, 1, 250_000, 0, 40_000);
  const plan = planBuckets(counts);
  const buckets = new Buckets(plan, 3, new SpillFile('pages', async () => folder));
  const left = counts.slice();
  let written = 0;
  for (let row = 0; left.some((count) => count > 0); row = (row + 1) % counts.length) {
    const some = Math.min(left[row]!, 997);
    const records = new Uint32Array(3 * some);
    for (let at = 0; at < some; at++) records.set([row, written++, 7], 3 * at);
    left[row]! -= some;
    await buckets.append(records);
  }

  t.deepEqual(plan.starts, [0, 1, 4, 5]);
  let read = 0;
  for (let bucket = 0; bucket < 3; bucket++) {
    const records = await buckets.take(bucket);
    const last = new Map<number, number>();
    for (let at = 0; at < records.length; at += 3) {
      const [row, number] = [records[at]!, records[at + 1]!];
      if (plan.ofRow[row] !== bucket || number <= (last.get(row) ?? -1)) t.fail();
      last.set(row, number);
      read++;
    }
  }
  t.is(read, written);
  await buckets.remove();
});

for (const [name, width] of Object.entries(recordWords)) {
  test(`records are sorted by row, column, time and place: ${name}`, (t) => {
    const numbers = (at: number) => {
      const below = (limit: number, word: number) => Math.floor(limit * randomAt(3, at, word));
      // Few pairs and few times, so that all of the order counts.
      return { row: 10 + below(5, 0), column: below(4, 1), time: below(3, 2) - 1 || -Infinity };
    };
    const all = Array.from({ length: 300 }, (_, at) => ({ ...numbers(at), at }));
    const records = new Uint32Array(300 * width);
    for (const { row, column, time, at } of all) {
      const rating = new Uint32Array(Float32Array.of(at).buffer)[0]!;
      const times = new Uint32Array(Float64Array.of(time).buffer);
      records.set([row, column, rating, at, ...times].slice(0, width), at * width);
    }
    const byTime = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);
    const expected = all.toSorted(
      (a, b) =>
        a.row - b.row ||
        a.column - b.column ||
        (width === recordWords.timed ? byTime(a.time, b.time) : 0) ||
        a.at - b.at,
    );
    const wanted = { first: 10, end: 16, columnCount: 4 };
    const plain = new Uint32Array(expected.flatMap(({ row, column }) => [row, column, 0]));

    const { rows, timestamps } = sortRecords(records, width, wanted);

    t.deepEqual(
      [...rows.ratings],
      expected.map(({ at }) => at),
    );
    t.deepEqual(
      [...rows.columns],
      expected.map(({ column }) => column),
    );
    const times = width === recordWords.timed ? expected.map(({ time }) => time) : undefined;
    t.deepEqual(timestamps && [...timestamps], times);
    t.is(rows.offsets.length, 7);
    for (const { row } of expected) t.true(rows.offsets[row - 9]! > rows.offsets[row - 10]!);
    const again = sortByRow(plain, wanted);
    t.deepEqual(again.columns, rows.columns);
    t.deepEqual(again.offsets, rows.offsets);
  });
}
