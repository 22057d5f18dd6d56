import type { RowShape } from '../row-shape.js';
import { eachQuad } from './lanes.js';
import { type Binding, repeat } from './shader.js';

/** The fixed side's Gram matrix. */
export const gramBinding: Binding = { name: 'gram', access: 'read', element: 'vec4f' };

/**
 * (u·gram + λI)·v for every row of the workgroup. The matrix is read once for all of them: a thread
 * has a column of quads, and a register for every row.
 */
export function gramProductText(shape: RowShape): string {
  const { quads, rows, columns, slices } = shape;
  return /* wgsl */ `
/** What is to be multiplied, a vector a row, and λ of the rows. */
var<workgroup> vectors: array<vec4f, ${rows * quads}>;
var<workgroup> lambdas: array<f32, ${rows}>;

/** Every group has the vector; the first one shows it. */
fn showVector(v: LaneQuads) {
  if (group == 0u) {
    let to = slot * ${quads}u;
${eachQuad(shape, (at, i) => `    vectors[to + ${at}] = v[${i}];`)}
  }
}
${product()}

/** Quad of (u·gram + λI)·v, for v that was shown and, if u is not 0, multiplied. */
fn linearPart(of_slot: u32, quad: u32) -> vec4f {
  let at = of_slot * ${quads}u + quad;
  if (params.unobservedWeight == 0.0) { return lambdas[of_slot] * vectors[at]; }
  var sum = vec4f();
  for (var slice = 0u; slice < ${slices}u * params.one; slice++) { sum += products[slice * ${rows * quads}u + at]; }
  return params.unobservedWeight * sum + lambdas[of_slot] * vectors[at];
}
`;

  function product(): string {
    return /* wgsl */ `
var<workgroup> products: array<vec4f, ${slices * rows * quads}>;

fn multiplyByGram() {
  let slice = thread / ${columns}u;
  let isNeeded = slice < ${slices}u && params.unobservedWeight != 0.0;
  let end = select(0u, params.quads, isNeeded);
  for (var column = thread % ${columns}u; column < end; column += ${columns}u) {
${repeat(rows, (row) => `    var sum${row} = vec4f();`)}
    for (var quad = slice; quad < params.quads; quad += ${slices}u) {
      let base = quad * ${4 * quads}u + column;
      let g0 = gram[base];
      let g1 = gram[base + ${quads}u];
      let g2 = gram[base + ${2 * quads}u];
      let g3 = gram[base + ${3 * quads}u];
${repeat(
  rows,
  (row) => `      let v${row} = vectors[${row * quads}u + quad];
      sum${row} += v${row}.x * g0 + v${row}.y * g1 + v${row}.z * g2 + v${row}.w * g3;`,
)}
    }
${repeat(rows, (row) => `    products[(slice * ${rows}u + ${row}u) * ${quads}u + column] = sum${row};`)}
  }
}`;
  }
}
