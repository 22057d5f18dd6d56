/** A compute shader, and what it reads and writes. */
export interface Shader {
  /** For timings and error messages. */
  readonly name: string;
  readonly code: string;
  /** In the order of their numbers; binding 0 is `params`. */
  readonly bindings: readonly Binding[];
}

/** A buffer that a shader is bound to by name. */
export interface Binding {
  readonly name: string;
  readonly access: 'read' | 'read_write';
  /** WGSL type of an element. */
  readonly element: 'u32' | 'f32' | 'vec4u' | 'vec4f';
}

/** The parameters of every dispatch, as `Params` in WGSL: at most `uniformBytes`. */
export interface Params {
  /** First entry of the list that the dispatch takes, and how many. */
  readonly start: number;
  readonly count: number;
  /** Row of the side that row 0 of the bound factors is; may be below 0, as sums wrap. */
  readonly rowBase: number;
  /** Quads of a row. */
  readonly quads: number;
  readonly steps: number;
  /** How far the rows that are split over workgroups are; see `long-rows.ts`. */
  readonly stage: number;
  /** 1 with implicit feedback. */
  readonly implicitFeedback: number;
  /** Coordinate that stays 1, or `none`. */
  readonly pinned: number;
  readonly alpha: number;
  readonly unobservedWeight: number;
  /** c − e of `Weighting` in kernel.ts. */
  readonly observedShare: number;
  readonly offset: number;
  /** Rows of the fixed side in each of its buffers but the last. */
  readonly bufferRows: number;
  /** Where the dispatch's results begin. */
  readonly base: number;
  /** Rows of the fixed side. */
  readonly fixedRows: number;
  /** Share of the way to where the steps lead that a row goes; may be above 1. */
  readonly stepLength: number;
  /** 1: bounds of loops are multiplied by it, since some drivers take minutes to unroll known ones. */
  readonly one: 1;
}

/** `Params.pinned` of a side without a pinned coordinate. */
export const none = 2 ** 32 - 1;

/** Bytes from one `Params` to the next in a buffer: what WebGPU promises that bindings may start at. */
export const paramsBytes = 256;

const fields = [
  ['start', 'u32'],
  ['count', 'u32'],
  ['rowBase', 'u32'],
  ['quads', 'u32'],
  ['steps', 'u32'],
  ['stage', 'u32'],
  ['implicitFeedback', 'u32'],
  ['pinned', 'u32'],
  ['alpha', 'f32'],
  ['unobservedWeight', 'f32'],
  ['observedShare', 'f32'],
  ['offset', 'f32'],
  ['bufferRows', 'u32'],
  ['base', 'u32'],
  ['one', 'u32'],
  ['fixedRows', 'f32'],
  ['stepLength', 'f32'],
] as const satisfies readonly (readonly [keyof Params, 'u32' | 'f32'])[];

/** Bytes of a `Params`: whole vectors of four words. */
export const uniformBytes = Math.ceil(fields.length / 4) * 16;

/** Writes params as the shaders read them. */
export function writeParams(params: Params, into: DataView, at: number): void {
  for (const [i, [name, type]] of fields.entries()) {
    if (type === 'u32') into.setUint32(at + i * 4, params[name], true);
    else into.setFloat32(at + i * 4, params[name], true);
  }
}

/** Declarations of params and bindings. */
export function declarations(bindings: readonly Binding[]): string {
  return /* wgsl */ `
struct Params {
${fields.map(([name, type]) => `  ${name}: ${type},`).join('\n')}
}
@group(0) @binding(0) var<uniform> params: Params;
${bindings
  .map(
    ({ name, access, element }, i) =>
      `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${element}>;`,
  )
  .join('\n')}

/** Workgroups fold over y, since a dimension has at most 65,535. */
fn numberOf(workgroup: vec3u, workgroups: vec3u) -> u32 {
  return workgroup.y * workgroups.x + workgroup.x;
}
`;
}

/** Text for i = 0 … count − 1: what is written out needs no loop, and stays in registers. */
export function repeat(count: number, text: (i: number) => string, separator = '\n'): string {
  return Array.from({ length: count }, (_, i) => text(i)).join(separator);
}
