/*
 * NumPy's .npy format, version 1.0 and 2.0 (numpy.lib.format): magic, length of the header, a Python
 * dictionary as the header, padded with spaces to a multiple of 64 bytes, and then the elements.
 */

/** Elements of an array, little-endian; `U<n>` is text of at most n characters, 4 bytes each. */
export type NpyType = '<f4' | '<f8' | '<i4' | '<i8' | '|b1' | `<U${number}`;

const magic = '\x93NUMPY';

/** The bytes before the elements of an array. */
export function npyHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padding = 63 - ((magic.length + 4 + dictionary.length) % 64);
  const text = `${dictionary}${' '.repeat(padding)}\n`;
  const bytes = Buffer.alloc(magic.length + 4 + text.length);
  bytes.write(magic, 0, 'latin1');
  bytes[6] = 1;
  bytes.writeUInt16LE(text.length, 8);
  bytes.write(text, 10, 'latin1');
  return bytes;
}

/** An array that was read. */
export interface NpyArray {
  readonly type: string;
  readonly shape: readonly number[];
  /** Its elements, on a boundary of 8 bytes. */
  readonly data: Uint8Array;
}

/** Throws `TypeError` for what is no array of rows, or holds Python objects. */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view[6];
  if (
    view.toString('latin1', 0, 6) !== magic ||
    (version !== 1 && version !== 2 && version !== 3)
  ) {
    throw new TypeError(`found no array in ${name}`);
  }
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.readUInt16LE(8) : view.readUInt32LE(8));
  const header = view.toString('latin1', start, end);
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (type === undefined || shape === undefined) throw new TypeError(`found no array in ${name}`);
  if (type.includes('O')) throw new TypeError(`found pickled Python objects in ${name}`);
  const sizes = shape
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  if (header.includes("'fortran_order': True") && sizes.length > 1) {
    throw new TypeError(`found columns one after the other in ${name}; expected rows`);
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  const length = count * bytesOf(type, name);
  if (end + length > bytes.length) throw new TypeError(`found the end of ${name} too early`);
  return { type, shape: sizes, data: Uint8Array.from(bytes.subarray(end, end + length)) };
}

function bytesOf(type: string, name: string): number {
  const size = Number(/^[<|][a-zA-Z](\d+)$/.exec(type)?.[1]);
  if (!Number.isInteger(size)) throw new TypeError(`found elements of type ${type} in ${name}`);
  return type[1] === 'U' ? 4 * size : size;
}

/** Text as UTF-32 of one length. */
export function encodeTexts(texts: readonly string[]): { type: NpyType; data: Uint8Array } {
  const width = texts.reduce((most, text) => Math.max(most, Array.from(text).length), 1);
  const data = new Uint32Array(width * texts.length);
  for (const [row, text] of texts.entries()) {
    data.set(
      Array.from(text, (character) => character.codePointAt(0)!),
      row * width,
    );
  }
  return { type: `<U${width}`, data: new Uint8Array(data.buffer) };
}

/** The inverse of `encodeTexts`. */
export function decodeTexts({ type, data }: NpyArray): string[] {
  const points = new Uint32Array(data.buffer);
  const width = Number(type.slice(2));
  const texts: string[] = [];
  for (let at = 0; at < points.length; at += width) {
    const end = points.subarray(at, at + width).indexOf(0);
    texts.push(String.fromCodePoint(...points.subarray(at, end < 0 ? at + width : at + end)));
  }
  return texts;
}
