import test from 'ava';
import { fuzzMessages } from '../../../../helpers/suites/message-fuzzing.js';

test('very many damaged messages are refused, or are right by chance', (t) => {
  fuzzMessages(t, 100_000);
});
