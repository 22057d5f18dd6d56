/**
 * Writes the scores x·y of one row x against every row y into `out`.
 *
 * Eight rows at a time, because one read of x then serves eight products; every row sums its own
 * products in ascending order in float64, so a score does not depend on its neighbours.
 *
 * @param row one row of factors, `rank` long
 * @param factors row-major, out.length × rank
 */
export function scoreItems(
  row: Float32Array,
  factors: Float32Array,
  rank: number,
  out: Float32Array,
): void {
  const x = new Float64Array(row);
  const whole = out.length - (out.length % 8);
  let at = 0;
  for (let i = 0; i < whole; i += 8) {
    const [a, b, c, d] = [at, at + rank, at + 2 * rank, at + 3 * rank];
    const [e, f, g, h] = [at + 4 * rank, at + 5 * rank, at + 6 * rank, at + 7 * rank];
    let [sumA, sumB, sumC, sumD, sumE, sumF, sumG, sumH] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let k = 0; k < rank; k++) {
      const value = x[k]!;
      sumA += value * factors[a + k]!;
      sumB += value * factors[b + k]!;
      sumC += value * factors[c + k]!;
      sumD += value * factors[d + k]!;
      sumE += value * factors[e + k]!;
      sumF += value * factors[f + k]!;
      sumG += value * factors[g + k]!;
      sumH += value * factors[h + k]!;
    }
    out[i] = sumA;
    out[i + 1] = sumB;
    out[i + 2] = sumC;
    out[i + 3] = sumD;
    out[i + 4] = sumE;
    out[i + 5] = sumF;
    out[i + 6] = sumG;
    out[i + 7] = sumH;
    at += 8 * rank;
  }
  for (let i = whole; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += x[k]! * factors[at + k]!;
    out[i] = sum;
    at += rank;
  }
}
