import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../io/files/byte-source.js';

/*
 * Zip files whose members are stored and have 64-bit sizes, as numpy's `savez` writes them (PKWARE
 * APPNOTE 6.3). Sizes and checksum come before a member's bytes.
 */

/** A member to write. */
export interface ZipMember {
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

const u32 = 0xffffffff;

/** The bytes of a zip file with these members, in pieces. */
export function* writeZip(members: readonly ZipMember[]): Generator<Uint8Array> {
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, parts } of members) {
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const checksum = parts.reduce((sum, part) => crc32(part, sum), 0);
    const title = Buffer.from(name);
    const sizes = Buffer.alloc(20);
    sizes.writeUInt16LE(1, 0);
    sizes.writeUInt16LE(16, 2);
    sizes.writeBigUInt64LE(BigInt(size), 4);
    sizes.writeBigUInt64LE(BigInt(size), 12);
    const head = Buffer.concat([entryHeader(0x04034b50, checksum, title, 20), title, sizes]);
    yield head;
    yield* parts;
    const place = Buffer.alloc(28);
    place.writeUInt16LE(1, 0);
    place.writeUInt16LE(24, 2);
    place.writeBigUInt64LE(BigInt(size), 4);
    place.writeBigUInt64LE(BigInt(size), 12);
    place.writeBigUInt64LE(BigInt(at), 20);
    directory.push(entryHeader(0x02014b50, checksum, title, 28), title, place);
    at += head.length + size;
  }
  yield* directory;
  const bytes = directory.reduce((sum, part) => sum + part.length, 0);
  yield endOf(members.length, bytes, at);
}

/** Of a member, before its bytes or in the directory. */
function entryHeader(signature: number, checksum: number, title: Buffer, extra: number): Buffer {
  const isDirectory = signature === 0x02014b50;
  const header = Buffer.alloc(isDirectory ? 46 : 30);
  header.writeUInt32LE(signature, 0);
  // Made by, and needed: 4.5, which has 64-bit sizes; bit 11: the name is UTF-8.
  if (isDirectory) header.writeUInt16LE(45, 4);
  const at = isDirectory ? 6 : 4;
  header.writeUInt16LE(45, at);
  header.writeUInt16LE(0x800, at + 2);
  // 1 January 1980, so that equal models make equal files.
  header.writeUInt16LE(0x21, at + 8);
  header.writeUInt32LE(checksum, at + 10);
  header.writeUInt32LE(u32, at + 14);
  header.writeUInt32LE(u32, at + 18);
  header.writeUInt16LE(title.length, at + 22);
  header.writeUInt16LE(extra, at + 24);
  if (isDirectory) header.writeUInt32LE(u32, 42);
  return header;
}

/** The end of a zip file, of 64 bits and of 32. */
function endOf(count: number, bytes: number, at: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(at), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(at + bytes), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  end.writeUInt16LE(count, 84);
  end.writeUInt16LE(count, 86);
  end.writeUInt32LE(u32, 88);
  end.writeUInt32LE(u32, 92);
  return end;
}

/** Largest directory that is read, and largest comment at the end. */
const maxDirectoryBytes = 2 ** 20;
const maxEndBytes = 22 + 65_535 + 20;

/** Reads members of a zip file by name; undefined for one that is not there. */
export type ReadMember = (name: string) => Promise<Uint8Array | undefined>;

/**
 * Opens a zip file by its directory. Throws `TypeError` if it is none, or a member is compressed or
 * changed.
 */
export async function readZip(source: ByteSource): Promise<ReadMember> {
  const places = await readDirectory(source);
  return async (name) => {
    const place = places.get(name);
    if (place === undefined) return undefined;
    if (place.method !== 0) throw new TypeError(`found ${name} compressed; expected it stored`);
    const head = await readAt(source, place.at, 30);
    const start = place.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    const bytes = await readAt(source, start, place.size);
    if (crc32(bytes) !== place.checksum) throw new TypeError(`found ${name} changed`);
    return bytes;
  };
}

interface Place {
  readonly at: number;
  readonly size: number;
  readonly method: number;
  readonly checksum: number;
}

async function readDirectory(source: ByteSource): Promise<Map<string, Place>> {
  const from = Math.max(0, source.size - maxEndBytes);
  const tail = await readAt(source, from, source.size - from);
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > tail.length) throw new TypeError('found no zip file');
  let [count, bytes, at] = [10, 12, 16].map((field) =>
    field === 10 ? tail.readUInt16LE(end + field) : tail.readUInt32LE(end + field),
  ) as [number, number, number];
  if (end >= 20 && tail.readUInt32LE(end - 20) === 0x07064b50) {
    const wide = await readAt(source, Number(tail.readBigUInt64LE(end - 12)), 56);
    [count, bytes, at] = [32, 40, 48].map((field) => Number(wide.readBigUInt64LE(field))) as [
      number,
      number,
      number,
    ];
  }
  if (bytes > maxDirectoryBytes) throw new TypeError(`found a zip file of ${count} members`);
  const directory = await readAt(source, at, bytes);
  const places = new Map<string, Place>();
  for (let entry = 0, i = 0; i < count; i++) {
    const nameLength = directory.readUInt16LE(entry + 28);
    const extraLength = directory.readUInt16LE(entry + 30);
    const name = directory.toString('utf8', entry + 46, entry + 46 + nameLength);
    const extra = directory.subarray(
      entry + 46 + nameLength,
      entry + 46 + nameLength + extraLength,
    );
    const [size, place] = widened(
      extra,
      [24, 42].map((f) => directory.readUInt32LE(entry + f)),
      {
        isStoredWide: directory.readUInt32LE(entry + 20) === u32,
      },
    );
    places.set(name, {
      at: place,
      size,
      method: directory.readUInt16LE(entry + 10),
      checksum: directory.readUInt32LE(entry + 16),
    });
    entry += 46 + nameLength + extraLength + directory.readUInt16LE(entry + 32);
  }
  return places;
}

/** Size and place of a member, from its extra field where 32 bits are too few. */
function widened(
  extra: Buffer,
  [size, place]: number[],
  { isStoredWide }: { readonly isStoredWide: boolean },
): [size: number, place: number] {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1)
    at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  const next = () => {
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  };
  // In this order, each only if its field says that it is here.
  const wideSize = size === u32 ? next() : size!;
  if (isStoredWide) next();
  return [wideSize, place === u32 ? next() : place!];
}

async function readAt(source: ByteSource, at: number, length: number): Promise<Buffer> {
  if (at + length > source.size) throw new TypeError('found the end of the zip file too early');
  const bytes = Buffer.alloc(length);
  await source.read(at, bytes);
  return bytes;
}
