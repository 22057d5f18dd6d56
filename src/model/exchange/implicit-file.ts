import type { ByteSource } from '../../io/files/byte-source.js';
import { denseIds, type IdVocabulary } from '../../ratings/id-vocabulary.js';
import { packIds } from '../../ratings/pack-ids.js';
import { type ExportableModel, type ExportedSide, integersOf, textsOf } from './exported-side.js';
import type { ForeignModel } from './foreign-model.js';
import {
  decodeTexts,
  encodeTexts,
  type NpyArray,
  type NpyType,
  npyHeader,
  parseNpy,
} from './npy.js';
import { readZip, writeZip, type ZipMember } from './zip.js';

/** An array of a side as the bytes of an .npy file. */
function npy(type: NpyType, shape: readonly number[], data: ArrayBufferView): Uint8Array[] {
  return [npyHeader(type, shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** The rows of a side, and its ids: int64, or text. */
export function sideArrays(exported: ExportedSide): { factors: Uint8Array[]; ids: Uint8Array[] } {
  const { ids, width, rows, idColumn } = exported;
  const integers = integersOf(idColumn);
  const texts = integers === undefined ? encodeTexts(textsOf(exported)) : undefined;
  return {
    factors: npy('<f4', [ids.length, width], rows),
    ids:
      texts === undefined
        ? npy('<i8', [ids.length], integers!)
        : npy(texts.type, [ids.length], texts.data),
  };
}

/**
 * The bytes of an .npz file that implicit's `AlternatingLeastSquares.load` takes (cpu/als.py, `save`),
 * with `user_ids` and `item_ids` beside its own fields.
 */
export function writeImplicit(
  model: ExportableModel,
  sides: readonly ExportedSide[],
): Generator<Uint8Array> {
  const { alpha, regularization, iterations } = model.settings;
  const float = (value: number) => npy('<f8', [], Float64Array.of(value));
  const integer = (value: number) => npy('<i8', [], BigInt64Array.of(BigInt(value)));
  const flag = (value: boolean) => npy('|b1', [], Uint8Array.of(value ? 1 : 0));
  const dtype = encodeTexts(['float32']);
  const arrays: Record<string, Uint8Array[]> = {};
  for (const exported of sides) {
    const { factors, ids } = sideArrays(exported);
    arrays[`${exported.side}_factors`] = factors;
    arrays[`${exported.side}_ids`] = ids;
  }
  Object.assign(arrays, {
    regularization: float(regularization),
    factors: integer(sides[0]!.width),
    num_threads: integer(0),
    iterations: integer(iterations),
    use_native: flag(true),
    use_cg: flag(true),
    cg_steps: integer(3),
    calculate_training_loss: flag(false),
    dtype: npy(dtype.type, [], dtype.data),
    alpha: float(alpha),
  });
  const members: ZipMember[] = Object.entries(arrays).map(([name, parts]) => ({
    name: `${name}.npy`,
    parts,
  }));
  return writeZip(members);
}

const knownOptions = ['alpha', 'regularization', 'iterations'] as const;
type KnownOption = (typeof knownOptions)[number];

/** Reads what implicit saved. Throws `TypeError` for anything else. */
export async function readImplicit(source: ByteSource): Promise<ForeignModel> {
  const member = await readZip(source);
  const array = async (name: string) => {
    const bytes = await member(`${name}.npy`);
    return bytes && parseNpy(bytes, name);
  };
  const [user, item] = [await sideOf('user', array), await sideOf('item', array)];
  if (user.rank !== item.rank) {
    throw new TypeError(`found rows of ${user.rank} and of ${item.rank} factors`);
  }
  const options: Partial<Record<KnownOption, number>> = {};
  for (const name of knownOptions) {
    const value = await array(name);
    if (value !== undefined) options[name] = numbersOf(value, name)[0]!;
  }
  return {
    rank: user.rank,
    userFactors: user.factors,
    itemFactors: item.factors,
    users: user.ids,
    items: item.ids,
    options,
  };
}

async function sideOf(side: string, array: (name: string) => Promise<NpyArray | undefined>) {
  const name = `${side}_factors`;
  const factors = await array(name);
  if (factors?.shape.length !== 2) throw new TypeError(`found no matrix ${name}`);
  const [rows, rank] = factors.shape as [number, number];
  const ids = await array(`${side}_ids`);
  if (ids !== undefined && (ids.shape.length !== 1 || ids.shape[0] !== rows)) {
    throw new TypeError(`found ${ids.shape[0]} ${side} ids; expected ${rows}`);
  }
  return {
    rank,
    factors: Float32Array.from(numbersOf(factors, name)),
    ids: ids === undefined ? denseIds(rows) : idsOf(ids, `${side}_ids`),
  };
}

function idsOf(array: NpyArray, name: string): IdVocabulary {
  if (array.type.startsWith('<U')) return packIds(decodeTexts(array));
  if (array.type === '<i8') {
    return packIds(
      Array.from(new BigInt64Array(array.data.buffer), (id) =>
        Number.isSafeInteger(Number(id)) ? Number(id) : id,
      ),
    );
  }
  return packIds(Array.from(numbersOf(array, name)));
}

function numbersOf({ type, data }: NpyArray, name: string): ArrayLike<number> & Iterable<number> {
  const { buffer } = data;
  switch (type) {
    case '<f4':
      return new Float32Array(buffer);
    case '<f8':
      return new Float64Array(buffer);
    case '<i4':
      return new Int32Array(buffer);
    case '<i8':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    default:
      throw new TypeError(`found ${name} of type ${type}; expected numbers of 32 or 64 bits`);
  }
}
