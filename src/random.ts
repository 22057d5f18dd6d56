/**
 * Uniform number in [0, 1) that depends on the three integers alone: the same on every machine,
 * thread and block. A counter-based generator: murmur3's mixing of the words, then its finaliser.
 */
export function randomAt(seed: number, stream: number, index: number): number {
  let hash = mix(mix(mix(0x9e3779b9, seed), stream), index);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}

/** Standard normal number at (seed, stream, index): Box and Muller 1958. */
export function normalAt(seed: number, stream: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomAt(seed, stream, 2 * index)));
  return radius * Math.cos(2 * Math.PI * randomAt(seed, stream, 2 * index + 1));
}

function mix(hash: number, word: number): number {
  let value = Math.imul(word, 0xcc9e2d51);
  value = (value << 15) | (value >>> 17);
  value = hash ^ Math.imul(value, 0x1b873593);
  value = (value << 13) | (value >>> 19);
  return (Math.imul(value, 5) + 0xe6546b64) | 0;
}
