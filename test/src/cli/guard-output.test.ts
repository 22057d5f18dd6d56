import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import test from 'ava';
import { escapeControls } from '../../../src/cli/escape-controls.js';
import { faultText } from '../../../src/cli/fault-text.js';
import { guardOutput, unguardedStream } from '../../../src/cli/guard-output.js';
import { jsonLine } from '../../../src/cli/json-line.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

/** Sets the title, clears the screen, colours, goes back, turns the text, breaks the line. */
const hostile = '\x1b]0;pwned\x07\x1b[2J\x9b31m\b\x7f\u202e\u2028\u2066\u061c';
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for.
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** A stream that keeps what is written, guarded. */
function guarded(isTTY: boolean): { stream: NodeJS.WriteStream; text(): string } {
  let text = '';
  const stream = {
    isTTY,
    hasColors: () => true,
    write(chunk: string) {
      text += chunk;
      return true;
    },
  };
  guardOutput(stream);
  // What the guard and its readers use of one.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test('every control character becomes visible, and nothing else changes', (t) => {
  for (let code = 0; code < 0x20; code++) {
    t.is(escapeControls(String.fromCharCode(code)), `\\u00${code.toString(16).padStart(2, '0')}`);
  }
  t.notRegex(escapeControls(hostile), control);
  t.is(
    escapeControls('Amélie — 千と千尋 👩‍🚀 ×1.3 ‒ "é"\\'),
    'Amélie — 千と千尋 👩‍🚀 ×1.3 ‒ "é"\\',
  );
});

test('a terminal gets text, line breaks and colours of our own, from strings and bytes', (t) => {
  const { stream, text } = guarded(true);
  const own = `a\tb\n${styleText('bold', 'c', { validateStream: false })}`;

  stream.write(own);
  t.is(text(), own);
  stream.write(hostile);
  stream.write(Buffer.from(hostile));
  t.notRegex(text().slice(own.length), control);
});

test('an output that is not a terminal gets no escape sequence', (t) => {
  const { stream, text } = guarded(false);

  stream.write(`${styleText('red', 'x', { validateStream: false })}${hostile}`);

  t.notRegex(text(), control);
});

test('a guard is installed once, and drawing code can bypass it', (t) => {
  const { stream, text } = guarded(true);
  guardOutput(stream);

  unguardedStream(stream).write('\x1b[2K');

  t.is(text(), '\x1b[2K');
});

test('JSON stays JSON and holds no control character', (t) => {
  const value = { title: hostile, id: `${hostile}\n` };

  const line = jsonLine(value);

  t.deepEqual(JSON.parse(line), value);
  t.notRegex(line.trimEnd(), control);
});

test('a fault of another machine is one line', (t) => {
  const line = faultText({
    ...{ component: 'node', node: `n${hostile}`, message: `${hostile}\nworker: all is well` },
    action: 'leave-out',
  } as Parameters<typeof faultText>[0]);

  t.notRegex(line, control);
  t.false(line.includes('\n'));
});

test('the command line prints no control sequences from titles, ids and names of files', async (t) => {
  const cwd = await scratchFolder(t);
  const ratings = `ratings${hostile}.csv`;
  const movies = `movies${hostile}.csv`;
  const id = (side: string, at: number) => `"${side}${at}${hostile}\nforged"`;
  const rows = Array.from({ length: 200 }, (_, at) => {
    return `${id('u', at % 20)},${id('i', (at * 7) % 31)},${1 + (at % 5)}`;
  });
  await writeFile(join(cwd, ratings), `user,item,rating\n${rows.join('\n')}\n`);
  const titles = Array.from({ length: 31 }, (_, at) => `${id('i', at)},${id('Title ', at)}`);
  await writeFile(join(cwd, movies), `item,title\n${titles.join('\n')}\n`);
  const user = `u1${hostile}\nforged`;
  const small = ['--rank', '4', '--iterations', '2', '--threads', '0'];
  const model = `model${hostile}`;
  const tail = ['--titles', movies];

  for (const args of [
    ['train', ratings, ...small, '--output', model, ...tail],
    ['train', ratings, ...small, '--output', model, '--json'],
    ['train', `nothing${hostile}\nforged.csv`],
    ['train', ratings, '--where', `x = '${hostile}`],
    ['recommend', model, '--user', user, ...tail],
    ['recommend', model, '--user', user, ...tail, '--json'],
    ['similar', model, '--user', user],
    ['similar', model, '--title', 'Title 3', ...tail],
    [hostile],
  ]) {
    const { stdout, stderr } = await seesaw(args, { cwd });

    t.not(stdout + stderr, '');
    t.notRegex(stdout, control, args.join(' '));
    t.notRegex(stderr, control, args.join(' '));
  }
});
