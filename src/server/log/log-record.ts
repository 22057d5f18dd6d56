import { crc32 } from 'node:zlib';
import type { StoredInteraction } from '../user-interactions.js';

/**
 * An interaction as a line of a log:
 *
 *     1c9a04f7 {"user":"ann","item":"tea","rating":1,"at":1764355200000}
 *
 * The first 8 digits are the CRC-32 of the bytes between the space and the line break.
 */
export function lineOf({ user, item, rating, at }: StoredInteraction): string {
  const json = JSON.stringify({ user, item, rating, at });
  return `${checksumOf(Buffer.from(json))} ${json}\n`;
}

/** The interaction of a line without its line break; undefined if it is not as it was written. */
export function readLine(line: Buffer): StoredInteraction | undefined {
  if (line.length < 9 || line.toString('latin1', 0, 9) !== `${checksumOf(line.subarray(9))} `) {
    return undefined;
  }
  try {
    // A line with the right checksum may still be forged, so the types are checked.
    const record = JSON.parse(line.toString('utf8', 9)) as Partial<StoredInteraction>;
    return isInteraction(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isInteraction(record: Partial<StoredInteraction>): record is StoredInteraction {
  const { user, item, rating, at } = record;
  return (
    typeof user === 'string' &&
    typeof item === 'string' &&
    Number.isFinite(rating) &&
    Number.isFinite(at)
  );
}

function checksumOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
