import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { firstValueFrom, type Observable } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromRatings } from '../../../dataflow/sources/from-ratings.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { synthetic } from '../../../dataflow/sources/synthetic.js';
import { crossValidate } from '../../../dataflow/splits/cross-validate.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import type { Ratings, RatingsSplit } from '../../../src/ratings/ratings.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const columns = {
  user: 'reader',
  item: 'book',
  rating: 'stars',
  timestamp: 'timestamp',
  unread: ['note'],
};

async function ratingsFile(t: ExecutionContext): Promise<string> {
  const file = join(await scratchFolder(t), 'r.csv');
  const rows = Array.from({ length: 40 }, (_, n) => `${n % 6},${n % 7},${1 + (n % 5)},${n},x`);
  await writeFile(file, `reader,book,stars,timestamp,note\n${rows.join('\n')}\n`);
  return file;
}

function started(source: Observable<Ratings | RatingsSplit>) {
  const options = { rank: 2, iterations: 1, placement: inProcess() };
  return firstValueFrom(source.pipe(train(options)));
}

const tells = test.macro({
  async exec(t, source: (file: string) => Observable<Ratings | RatingsSplit>) {
    const event = await started(source(await ratingsFile(t)));

    t.like(event, { type: 'started', columns });
  },
  title: (provided) => `started tells the columns of ${provided}`,
});
test('a file', tells, (file) => fromFile(file));
test('a query', tells, (file) => fromSql(`select * from '${file}'`));
test('a file behind a holdout', tells, (file) =>
  fromFile(file).pipe(holdout({ perUser: 1, seed: 1 })),
);
test('a file behind a holdout by time', tells, (file) => fromFile(file).pipe(holdout({ last: 1 })));
test('a file behind a holdout of users', tells, (file) =>
  fromFile(file).pipe(holdout({ users: 2, visible: 0.5, seed: 1 })),
);
test('a file that is split for cross-validation', tells, (file) =>
  fromFile(file).pipe(crossValidate(2, { seed: 1 })),
);

test('started tells no columns of what has none', async (t) => {
  const sources = [
    fromRatings([
      { user: 'ann', item: 'tea' },
      { user: 'bob', item: 'jam' },
    ]),
    synthetic({ users: 5, items: 5, density: 0.5, seed: 1 }),
  ];

  for (const source of sources) {
    const event = await started(source);

    t.is(event.type, 'started');
    t.false('columns' in event);
  }
});
