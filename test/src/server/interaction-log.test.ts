import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { lineOf } from '../../../src/server/log/log-record.js';
import { LogWriter } from '../../../src/server/log/log-writer.js';
import { readLog } from '../../../src/server/log/read-log.js';
import type { StoredInteraction } from '../../../src/server/user-interactions.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const of = (user: string, at: number): StoredInteraction => ({ user, item: 'tea', rating: 1, at });

async function all(folder: string): Promise<StoredInteraction[]> {
  const read: StoredInteraction[] = [];
  for await (const each of readLog(folder)) read.push(each);
  return read;
}

/** A log with these interactions, and its only file. */
async function logOf(folder: string, interactions: readonly StoredInteraction[]): Promise<string> {
  const writer = new LogWriter(folder, 1);
  await Promise.all(interactions.map((each) => writer.append([each])));
  await writer.close();
  return join(folder, readdirSync(folder)[0]!);
}

test('a log gives back what was appended, in order, with any characters in ids', async (t) => {
  const folder = join(await scratchFolder(t), 'new', 'log');
  const written = ['ann', 'b\n"ö\u0000', '', '\u{1f600}'].map((user, at) => of(user, at));

  await logOf(folder, written);

  t.deepEqual(await all(folder), written);
});

test('there is no file before the first interaction, and no log is an empty one', async (t) => {
  const folder = join(await scratchFolder(t), 'log');
  await new LogWriter(folder, 1).close();

  t.deepEqual(await all(folder), []);
});

test('a line cut anywhere at the end of a file is left out, and what is before it is there', async (t) => {
  const folder = await scratchFolder(t);
  const file = await logOf(folder, [of('ann', 1), of('bob', 2)]);
  const whole = readFileSync(file);
  const second = whole.indexOf(10) + 1;

  for (let end = second; end < whole.length - 1; end++) {
    writeFileSync(file, whole.subarray(0, end));
    t.deepEqual(await all(folder), [of('ann', 1)], `${end} bytes`);
  }
  // Without its line break the last line is whole.
  writeFileSync(file, whole.subarray(0, whole.length - 1));
  t.is((await all(folder)).length, 2);
});

test('every changed byte before the last line is an error that names the line', async (t) => {
  const folder = await scratchFolder(t);
  const file = await logOf(folder, [of('ann', 1), of('bob', 2)]);
  const whole = readFileSync(file);
  const first = whole.indexOf(10);

  for (let at = 0; at < first; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    writeFileSync(file, changed);
    await t.throwsAsync(all(folder), {
      code: 'ERR_LOG_DAMAGED',
      message: /found a changed line 1 in .*interactions-.*; expected .*; try /,
    });
  }
});

test('several processes share a folder, and each file ends where its process died', async (t) => {
  const folder = await scratchFolder(t);
  const [one, other] = [new LogWriter(folder, 1), new LogWriter(folder, 2)];
  await Promise.all([one.append([of('ann', 1)]), other.append([of('bob', 2)])]);
  await Promise.all([one.close(), other.close()]);
  const [first] = readdirSync(folder).sort();
  appendFileSync(join(folder, first!), lineOf(of('cat', 3)).slice(0, 20));

  t.deepEqual(await all(folder), [of('ann', 1), of('bob', 2)]);
});

test('a folder that cannot be written to is an error of every append, and mending it helps', async (t) => {
  const folder = join(await scratchFolder(t), 'log');
  writeFileSync(folder, 'a file');
  const writer = new LogWriter(join(folder, 'inside'), 1);

  await t.throwsAsync(writer.append([of('ann', 1)]), { code: 'ERR_LOG_UNWRITABLE' });
  await t.throwsAsync(all(folder), { code: 'ERR_LOG_UNREADABLE' });
  await writer.close();
});
