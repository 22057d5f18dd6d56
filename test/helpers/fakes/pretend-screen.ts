import type { Gpu } from '../../../src/kernels/gpu/device/gpu.js';
import type { Screen, ScreenShape } from '../../../src/kernels/gpu/ranking/screen.js';

/** What a screen does to an answer before it is given; what it throws, the screen rejects with. */
export type Mischief = (keptItems: Uint32Array, batch: number) => void | Promise<void>;

/** A device that is not there, and can be given up. */
export function pretendGpu(): Gpu & { readonly reasons: readonly string[] } {
  const reasons: string[] = [];
  let giveUp = (_reason: string): void => {};
  const lost = new Promise<string>((resolve) => {
    giveUp = resolve;
  });
  const pretended = {
    name: 'pretended device',
    lost,
    reasons,
    giveUp: (reason: string) => {
      reasons.push(reason);
      giveUp(reason);
    },
  };
  // What has no device is never asked for the rest.
  return pretended as unknown as ReturnType<typeof pretendGpu>;
}

/** A screen that keeps by float64 scores, in this thread. */
export function pretendScreen(mischief: Mischief = () => {}) {
  let batches = 0;
  const log: string[] = [];
  const open = async (_gpu: Gpu, shape: ScreenShape): Promise<Screen> => ({
    async run({ users, slacks, seenOffsets, seenItems }) {
      const { items, count, capacity } = shape;
      const keptItems = new Uint32Array(shape.users * (capacity + 1));
      for (let user = 0; user < users.count; user++) {
        const seen = new Set(seenItems.subarray(seenOffsets[user], seenOffsets[user + 1]));
        const scores = Array.from({ length: items.count }, (_, index) => {
          const row = (items.positions?.[index] ?? index) * items.rank;
          let sum = 0;
          for (let k = 0; k < items.rank; k++) {
            sum += users.rows[user * users.rank + k]! * items.rows[row + k]!;
          }
          return { index, score: sum };
        }).filter(({ index }) => !seen.has(index));
        const best = scores.map(({ score }) => score).sort((a, b) => b - a);
        const bar = (best[count - 1] ?? Number.NEGATIVE_INFINITY) - slacks[user]!;
        const kept = scores.filter(({ score }) => score >= bar).map(({ index }) => index);
        keptItems[user * (capacity + 1)] = kept.length;
        keptItems.set(kept.slice(0, capacity), user * (capacity + 1) + 1);
      }
      await mischief(keptItems, batches++);
      return keptItems;
    },
    close: () => log.push('close'),
  });
  return { open, log };
}
