/**
 * Positions of the `count` highest scores, best first, ties by position.
 *
 * −Infinity and NaN are never selected, so a caller leaves a position out by scoring it −Infinity;
 * the result is shorter than `count` when fewer are left. One comparison a score, and a heap of
 * `count` that only the scores which beat its worst one touch.
 *
 * @param count ≥ 1
 */
export function topItems(scores: Float32Array, count: number): number[] {
  const heap: number[] = [];
  const capacity = Math.min(count, scores.length);
  let worst = Number.NEGATIVE_INFINITY;
  let position = nextAbove(worst, scores, 0);
  while (position < scores.length) {
    if (heap.length < capacity) {
      heap.push(position);
      siftUp(heap, scores);
    } else {
      heap[0] = position;
      siftDown(heap, scores);
    }
    // A tie with the worst loses: positions ascend, so the one inside the heap comes first.
    if (heap.length === capacity) worst = scores[heap[0]!]!;
    position = nextAbove(worst, scores, position + 1);
  }
  return heap.sort((a, b) => (isWorse(a, b, scores) ? 1 : -1));
}

/** First position ≥ `start` with a score above `threshold`, else the number of scores. */
function nextAbove(threshold: number, scores: Float32Array, start: number): number {
  let position = start;
  while (position < scores.length && !(scores[position]! > threshold)) position++;
  return position;
}

/** Whether position a comes after position b in the result. */
function isWorse(a: number, b: number, scores: Float32Array): boolean {
  return scores[a]! < scores[b]! || (scores[a]! === scores[b]! && a > b);
}

/** Moves the last element towards the root, where the worst one is. */
function siftUp(heap: number[], scores: Float32Array): void {
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isWorse(heap[child]!, heap[parent]!, scores)) return;
    swap(heap, child, parent);
    child = parent;
  }
}

/** Moves the root down until no child is worse. */
function siftDown(heap: number[], scores: Float32Array): void {
  let parent = 0;
  for (;;) {
    const left = 2 * parent + 1;
    const right = left + 1;
    let worst = parent;
    if (left < heap.length && isWorse(heap[left]!, heap[worst]!, scores)) worst = left;
    if (right < heap.length && isWorse(heap[right]!, heap[worst]!, scores)) worst = right;
    if (worst === parent) return;
    swap(heap, parent, worst);
    parent = worst;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}
