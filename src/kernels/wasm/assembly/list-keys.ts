/*
 * A score and its position as one 64-bit key: the higher the key, the earlier in the list, ties by
 * position.
 */

/** Floats compare as integers once the magnitude of negative ones is turned round; −0 is 0. */
// @ts-ignore: decorator
@inline
export function keyOf(score: f32, position: usize): i64 {
  const bits = reinterpret<i32>(score + 0);
  return (<i64>(bits ^ ((bits >> 31) & 0x7fffffff)) << 32) | <i64>(~(<u32>position));
}

// @ts-ignore: decorator
@inline
export function scoreOf(key: i64): f32 {
  const bits = <i32>(key >> 32);
  return reinterpret<f32>(bits ^ ((bits >> 31) & 0x7fffffff));
}

/** Sorts keys, highest first: a heap with the lowest key on top, taken down from the end. */
export function sortDown(keys: usize, length: usize): void {
  for (let root = length >> 1; root > 0; root--) siftDown(keys, root - 1, length);
  for (let end = length; end > 1; end--) {
    const last = keys + ((end - 1) << 3);
    const lowest = load<i64>(keys);
    store<i64>(keys, load<i64>(last));
    store<i64>(last, lowest);
    siftDown(keys, 0, end - 1);
  }
}

/** Moves a key down until no child is lower. */
export function siftDown(keys: usize, root: usize, length: usize): void {
  const key = load<i64>(keys + (root << 3));
  let at = root;
  for (;;) {
    let child = (at << 1) + 1;
    if (child >= length) break;
    let lower = load<i64>(keys + (child << 3));
    if (child + 1 < length) {
      const right = load<i64>(keys + ((child + 1) << 3));
      if (right < lower) {
        lower = right;
        child++;
      }
    }
    if (lower >= key) break;
    store<i64>(keys + (at << 3), lower);
    at = child;
  }
  store<i64>(keys + (at << 3), key);
}
