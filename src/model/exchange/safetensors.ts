import { type ExportedSide, integersOf, textsOf } from './exported-side.js';

/** What a reader of the format takes as a header, in bytes. */
const maxHeaderBytes = 100_000_000;

/**
 * The bytes of a safetensors file, in pieces: the length of the header as u64, the header as JSON, the
 * tensors. Ids are tensors `user_ids` and `item_ids` of int64, or JSON texts of these names in
 * `__metadata__`.
 *
 * Throws `RangeError` for ids that make the header longer than readers take.
 */
export function* writeSafetensors(sides: readonly ExportedSide[]): Generator<Uint8Array> {
  const tensors: Record<string, object> = {};
  const metadata: Record<string, string> = { format: 'np', made_by: 'seesaw' };
  const parts: Uint8Array[] = [];
  let at = 0;
  const add = (name: string, dtype: string, shape: readonly number[], data: ArrayBufferView) => {
    tensors[name] = { dtype, shape, data_offsets: [at, at + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  };
  for (const { side, ids, width, rows } of sides) {
    add(`${side}_factors`, 'F32', [ids.length, width], rows);
  }
  for (const exported of sides) {
    const integers = integersOf(exported.idColumn);
    if (integers !== undefined) add(`${exported.side}_ids`, 'I64', [integers.length], integers);
    else metadata[`${exported.side}_ids`] = JSON.stringify(textsOf(exported));
  }
  const text = JSON.stringify({ __metadata__: metadata, ...tensors });
  const length = Buffer.byteLength(text);
  const header = Buffer.alloc(8 + Math.ceil(length / 8) * 8, ' ');
  if (header.length > maxHeaderBytes) {
    throw new RangeError(
      `found ids of ${length} bytes; expected a header of at most ${maxHeaderBytes}; try npz or parquet`,
    );
  }
  header.writeBigUInt64LE(BigInt(header.length - 8), 0);
  header.write(text, 8);
  yield header;
  yield* parts;
}
