/*
 * Guards: in debug builds every region of scratch memory ends with words that nothing may write, and
 * a task looks at them when it is done. In other builds regions follow each other.
 */

/** Bytes of a guard, at least. */
export const guardBytes: usize = ASC_NO_ASSERT ? 0 : 64;

const guardWord: u32 = 0x5ea5a2ed;

/** Bytes that a region of `bytes`, a multiple of 4, takes: whole cache lines, and its guard. */
export function regionBytes(bytes: usize): usize {
  return ((bytes + 63) & ~63) + guardBytes;
}

/** Writes the guard of a region; returns where the next one starts. */
export function guardRegion(start: usize, bytes: usize): usize {
  const end = start + regionBytes(bytes);
  guardWords(start + bytes, end);
  return end;
}

/** Fails if a store has left the region. */
export function checkRegion(start: usize, bytes: usize): void {
  checkWords(start + bytes, start + regionBytes(bytes));
}

/** Writes guards from `at` to `end`. */
export function guardWords(at: usize, end: usize): void {
  if (ASC_NO_ASSERT) return;
  for (; at < end; at += 4) store<u32>(at, guardWord);
}

/** Fails if one of them is not there any more. */
export function checkWords(at: usize, end: usize): void {
  if (ASC_NO_ASSERT) return;
  for (; at < end; at += 4) assert(load<u32>(at) == guardWord, 'a store left its region');
}
