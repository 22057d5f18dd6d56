import test from 'ava';
import { listTable } from '../../../src/cli/tables.js';

test('titles of a megabyte are cut to the width of the table', (t) => {
  const title = '漢\u001b[2J'.repeat(2 ** 18);
  const lines = [{ figure: '0.5', title }];

  const text = listTable([{ heading: title, lines }], 80);

  t.true(text.length < 1000);
  t.regex(text, /│ 0\.5 {2}漢\\u001b\[2J.*… +│/);
});
