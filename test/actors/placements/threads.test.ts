import test from 'ava';
import { threads } from '../../../actors/placements/threads.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { placementSuite } from '../../helpers/placement-suite.js';

placementSuite(() => threads(1));
placementSuite(() => threads(2));

for (const count of [0, -1, 1.5, Number.NaN]) {
  test(`threads(${count}) is refused`, (t) => {
    t.throws(() => threads(count), { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' });
  });
}
