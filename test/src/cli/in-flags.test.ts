import test from 'ava';
import { inFlags } from '../../../src/cli/in-flags.js';

const says = test.macro({
  exec: (t, message: string, expected: string) => t.is(inFlags(message), expected),
  title: (_, message: string) => `the command line says "${message}" in flags`,
});

test(says, 'try skipBadRows: true', 'try --skip-bad-rows');
test(says, 'try header: false if it is a row', 'try --no-header if it is a row');
test(says, "try encoding: 'latin1', or another", 'try --encoding latin1, or another');
test(says, "try where: 'user IS NOT NULL'", "try --where 'user IS NOT NULL'");
test(says, 'try regularization: 0.1', 'try --regularization 0.1');
test(says, 'found rating 3 at entry 0: not a number', 'found rating 3 at entry 0: not a number');
test(
  says,
  'name it with the option rating, or rating: false if every rating is 1',
  'name it with --rating, or --no-rating if every rating is 1',
);
test(
  says,
  "an integer from 1 to 512, or solver 'subspace'",
  'an integer from 1 to 512, or --solver subspace',
);
test(says, 'try the directory that save() was given', "try the folder that 'seesaw train' made");
test(says, 'try gpu: { software: true } to test with it', 'try --gpu-software to test with it');
test(says, 'the highest rating, such as [1, 5]', 'the highest rating, such as 1,5');
