import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';

/**
 * Reads a block's ratings into a node's memory, to the place of sent ratings. The job's row lengths
 * must be there.
 *
 * @param sourceRow the block's first row in the source, if the memory numbers its rows otherwise
 *
 * Rejects with what `RatingsReader.rows` does, and with `InvalidMessageError` if the rows of the job
 * and of the source differ in length.
 */
export async function readBlock(
  reader: RatingsReader,
  job: LayoutDraft,
  { side, block }: { readonly side: Side; readonly block: number },
  sourceRow = job[side].blockStarts[block]!,
): Promise<void> {
  const { blockStarts, ratings, rowCount } = job[side];
  const { buffer } = job.memory;
  const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
  const rows = await reader.rows(side, sourceRow, sourceRow + end - first);
  const starts = new Uint32Array(buffer, ratings.offsets, rowCount + 1).subarray(first, end + 1);
  const before = starts[0]!;
  const wrong = starts.findIndex((start, row) => start - before !== rows.offsets[row]);
  if (wrong !== -1) {
    const found = rows.offsets[wrong]! - rows.offsets[wrong - 1]!;
    const expected = starts[wrong]! - starts[wrong - 1]!;
    throw new InvalidMessageError(
      `${found} ratings in ${side} row ${sourceRow + wrong - 1} of the source`,
      `${expected}`,
    );
  }
  const count = rows.columns.length;
  new Uint32Array(buffer, ratings.columns + before * 4, count).set(rows.columns);
  new Float32Array(buffer, ratings.ratings + before * 4, count).set(rows.ratings);
}
