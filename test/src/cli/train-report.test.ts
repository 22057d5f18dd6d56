import test from 'ava';
import { ratingRows } from '../../../src/cli/train-report.js';
import { startedEvent } from '../../helpers/builders/training-events.js';

const subject = {
  source: 'ratings.csv',
  titles: { file: undefined },
  withheldNote: () => undefined,
};

test('withheld ratings that are left out are reported', (t) => {
  const linesOf = (seen: number) =>
    ratingRows({ ...startedEvent(), heldOut: 5, leftOut: { seen } }, subject as never).map(
      ([, text]) => text,
    );

  t.true(linesOf(2).includes('left out 2 ratings of pairs that are trained on too'));
  t.false(linesOf(0).some((text) => text.includes('left out')));
});
