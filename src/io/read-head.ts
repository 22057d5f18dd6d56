import { isUtf8 } from 'node:buffer';
import { SourceError } from '../errors.js';
import { type Compression, readContent } from './decompress.js';

/** Bytes of a file that are sampled before it is read. */
const headLength = 2 ** 18;

/** The beginning of a text file. */
export interface Head {
  readonly bytes: Buffer;
  /** Whether it is the whole file. */
  readonly isWhole: boolean;
}

/** The first 256 KiB of a file's content. Throws `SourceError` if it cannot be decompressed. */
export async function readHead(
  path: string,
  name: string,
  compression: Compression,
): Promise<Head> {
  const chunks: Buffer[] = [];
  let length = 0;
  const content = readContent(path, compression);
  try {
    for await (const chunk of content) {
      // Streams of files and decompressors give buffers.
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > headLength) break;
    }
  } catch (cause) {
    throw damagedSource(name, compression, cause);
  } finally {
    content.destroy();
  }
  const bytes = Buffer.concat(chunks);
  return { bytes: bytes.subarray(0, headLength), isWhole: length <= headLength };
}

/** An error that a compressed file is cut off or damaged. */
export function damagedSource(name: string, compression: Compression, cause: unknown): SourceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found ${name} damaged or cut off: ${reason}; expected a whole ${compression} file; ` +
      'copy or download it again',
    { cause },
  );
}

/** The encoding that the first bytes tell, or UTF-8. */
export function encodingOf({ bytes }: Head): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** The text of a head; what is no UTF-8 is replaced. */
export function textOf({ bytes, isWhole }: Head): string {
  return new TextDecoder().decode(isWhole ? bytes : upToCharacter(bytes));
}

/** Whether bytes are UTF-8; a head may end within a character. */
export function isUtf8Head({ bytes, isWhole }: Head): boolean {
  return isUtf8(isWhole ? bytes : upToCharacter(bytes));
}

function upToCharacter(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 4 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, Math.max(0, end - 1));
}
