/** How often something is measured until the machine leaves it alone. */
const tries = 3;
/** A machine that is so many times slower than it was at best is held up by others. */
const heldUp = 1.15;
const probeElements = 2 ** 18;

/**
 * Measures something again while the machine is held up by others, as virtual machines are for seconds:
 * a fixed piece of work before and after tells. After some tries the least disturbed one counts.
 */
export type Undisturbed = <Result>(measure: () => Promise<Result>) => Promise<Result>;

/** Remembers how fast the machine is at best. */
export function watchDisturbance(): Undisturbed {
  const elements = new Float32Array(probeElements).fill(1.5);
  const probe = () => Math.min(...[1, 2, 3].map(() => secondsOfWork(elements)));
  // Compiled by then.
  let fastest = Math.min(probe(), probe());
  return async (measure) => {
    const measured = [];
    for (let attempt = 0; attempt < tries; attempt++) {
      const before = probe();
      const result = await measure();
      const after = probe();
      fastest = Math.min(fastest, before, after);
      const slowness = Math.max(before, after);
      if (slowness <= heldUp * fastest) return result;
      measured.push({ result, slowness });
    }
    return measured.reduce((best, each) => (each.slowness < best.slowness ? each : best)).result;
  };
}

function secondsOfWork(elements: Float32Array): number {
  const start = performance.now();
  let sum = 0;
  for (let at = 0; at < 8 * probeElements; at++) {
    sum += elements[at & (probeElements - 1)]! * elements[(at * 7919) & (probeElements - 1)]!;
  }
  const seconds = (performance.now() - start) / 1000;
  // The sum is used, so that it is computed.
  return Number.isFinite(sum) ? seconds : Number.POSITIVE_INFINITY;
}
