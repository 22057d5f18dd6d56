import { createHash, timingSafeEqual } from 'node:crypto';

/** Tokens as SHA-256 digests: what they were cannot be shown any more. */
export type TokenDigests = readonly Uint8Array[];

/** @param tokens each as it is, or as `sha256:` and 64 hexadecimal digits */
export function digestTokens(tokens: readonly string[]): TokenDigests {
  return tokens.map((token) => {
    const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(token) ?? [];
    return hex === undefined ? digestOf(token) : Buffer.from(hex, 'hex');
  });
}

/** Which of the tokens it is, or −1. Takes as long for every token of the same length. */
export function indexOfToken(token: string, digests: TokenDigests): number {
  const digest = digestOf(token);
  let index = -1;
  for (const [at, known] of digests.entries()) {
    if (timingSafeEqual(digest, known)) index = at;
  }
  return index;
}

function digestOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
