import pg from 'pg';
import type { RatingRow } from 'seesaw';

/** Every loan of the library, so many rows at a time. */
export default async function* loans(): AsyncGenerator<RatingRow> {
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(
      'DECLARE loans CURSOR FOR SELECT reader AS user, book AS item, count(*)::float4 AS rating FROM loans GROUP BY 1, 2',
    );
    for (;;) {
      const { rows } = await client.query<RatingRow>('FETCH 10000 FROM loans');
      if (rows.length === 0) return;
      yield* rows;
    }
  } finally {
    await client.end();
  }
}
