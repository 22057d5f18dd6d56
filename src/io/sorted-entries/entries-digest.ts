import { createHash } from 'node:crypto';
import type { SparseRows } from '../../ratings/sparse-rows.js';
import type { Database } from '../database.js';

/** Hashes of ratings that are passed by in the order of the users, and of the ids beside them. */
export class EntriesDigest {
  readonly #lengths = createHash('sha256');
  readonly #columns = createHash('sha256');
  readonly #ratings = createHash('sha256');

  add({ rowCount, offsets, columns, ratings }: SparseRows): void {
    const lengths = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) lengths[row] = offsets[row + 1]! - offsets[row]!;
    this.#lengths.update(lengths);
    this.#columns.update(columns);
    this.#ratings.update(ratings);
  }

  /** SHA-256 of all columns and of all ratings, as `fingerprintOutline` takes them. */
  entries(): { readonly columns: string; readonly ratings: string } {
    const columns = this.#columns.copy().digest('hex');
    return { columns, ratings: this.#ratings.copy().digest('hex') };
  }

  /**
   * Digits and points that two sources share only if ids, their order and ratings are the same.
   * Needs what `numberRows` made.
   */
  async value(database: Database): Promise<string> {
    const [{ users, items } = {}] = await database.rows(
      'SELECT (SELECT sum(hash(row, id))::VARCHAR FROM user_ids) AS users, ' +
        '(SELECT sum(hash(row, id))::VARCHAR FROM item_ids) AS items',
    );
    const { columns, ratings } = this.entries();
    const lengths = this.#lengths.copy().digest('hex');
    const whole = createHash('sha256').update(`${lengths} ${columns} ${ratings}`).digest('hex');
    return `${users}.${items}.${BigInt(`0x${whole}`)}`;
  }
}
