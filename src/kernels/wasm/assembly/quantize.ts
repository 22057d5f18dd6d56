/*
 * Rows as whole numbers of 16 bits: x ≈ scale·q. Integer products are exact and twice as many fit in
 * a vector as floats, so what an approximate score lacks is known from the rows alone.
 */

/** Norm, greatest element, and how far the whole numbers are from the row. */
@unmanaged
export class RowSize {
  norm: f64;
  peak: f64;
}

/** Measures a row of `rank` f32. NaN in the row makes the norm NaN. */
export function measureRow(row: usize, rank: usize, into: RowSize): void {
  let squares: f64 = 0;
  let peak: f64 = 0;
  for (let k: usize = 0; k < rank; k++) {
    const element = <f64>load<f32>(row + (k << 2));
    squares += element * element;
    peak = max(peak, abs(element));
  }
  into.norm = sqrt(squares);
  into.peak = peak;
}

/**
 * The scale with which no element leaves 16 bits and no norm √2³¹, so that the product of two rows,
 * and any part of its sum, stays inside 32 bits (Cauchy and Schwarz).
 */
export function scaleOf(size: RowSize, rank: usize): f64 {
  return max(size.norm / (46339 - sqrt(<f64>rank)), size.peak / 32767);
}

/** Pairs of elements in a row of whole numbers: an even number, the last ones zero. */
export function pairsOf(rank: usize): usize {
  return ((rank + 3) >> 2) << 1;
}

/**
 * Writes a row as pairs of whole numbers, `step` bytes from pair to pair; what is there beyond `rank`
 * stays.
 *
 * @returns norm of row − scale·q
 */
export function quantize(row: usize, rank: usize, scale: f64, out: usize, step: usize): f64 {
  let squares: f64 = 0;
  for (let k: usize = 0; k < rank; k++) {
    const element = <f64>load<f32>(row + (k << 2));
    const whole = nearest(element / scale);
    const error = element - whole * scale;
    squares += error * error;
    store<i16>(out + (k >> 1) * step + ((k & 1) << 1), <i16>whole);
  }
  return sqrt(squares);
}
