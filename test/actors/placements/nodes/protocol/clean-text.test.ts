import test from 'ava';
import { cleanLines, oneLine } from '../../../../../actors/placements/nodes/protocol/clean-text.js';
import { encode } from '../../../../../actors/placements/nodes/protocol/messages.js';
import { readAnswer } from '../../../../../actors/placements/nodes/protocol/read-answer.js';

test('what a terminal obeys is shown, in one line and in several', (t) => {
  t.is(oneLine('a\u001b[2J\n b\u202e\u0007'), 'a\\u{1b}[2J b\\u{202e}\\u{7}');
  t.is(cleanLines('a\n\u001b]0;x\u0007\r\n'), 'a\n\\u{1b}]0;x\\u{7}\\u{d}\n');
  t.is(oneLine('x'.repeat(3_000)).length, 2_000);
});

test('an error that a node tells has neither escape sequences nor unbounded text', (t) => {
  const message = `\u001b[31mred\u001b[0m${'x'.repeat(15_000)}`;
  const error = { code: 'unknown', message, stack: `Error\n at \u001b[2J` };

  const found = readAnswer(encode({ type: 'failed', number: 1, error }));

  t.true(found.type === 'failed' && found.error.code === 'unknown');
  t.notRegex(JSON.stringify(found), /\\u001b/);
  t.true(JSON.stringify(found).length < 3_000);
});
