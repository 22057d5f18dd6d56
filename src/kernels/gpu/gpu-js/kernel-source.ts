/**
 * The program of one thread of a kernel of gpu.js, which makes of it JavaScript, WASM or WGSL. Kept as
 * text, because compilers and coverage tools rewrite functions so that gpu.js cannot read them.
 *
 * On a device every number is a float32, indices and array elements too, so whole numbers must stay
 * below `exactBelow`. An array with rows is read as `rows[row][column]`, which gpu.js addresses in
 * whole numbers, whatever its size.
 */
export interface KernelSource<Name extends string = string> {
  readonly name: string;
  /** Its arguments: arrays, then numbers. */
  readonly arguments: readonly Name[];
  readonly text: string;
}

/** Whole numbers are exact in float32 up to this one. */
export const exactBelow = 2 ** 24;

/** A kernel from the names of its arguments and the body of its function. */
export function kernelSource<const Name extends string>(
  name: string,
  names: readonly Name[],
  body: string,
): KernelSource<Name> {
  return { name, arguments: names, text: `function (${names.join(', ')}) {${body}}` };
}

/**
 * Statements that declare the quotient and the remainder of two whole numbers below `exactBelow`.
 * A device may round a quotient to the next whole number, hence the corrections.
 */
export function divide(
  dividend: string,
  divisor: string,
  { quotient, remainder }: { readonly quotient: string; readonly remainder: string },
): string {
  return `
    let ${quotient} = Math.floor(${dividend} / ${divisor});
    let ${remainder} = ${dividend} - ${quotient} * ${divisor};
    if (${remainder} < 0) { ${quotient} -= 1; ${remainder} += ${divisor}; }
    if (${remainder} >= ${divisor}) { ${quotient} += 1; ${remainder} -= ${divisor}; }`;
}
