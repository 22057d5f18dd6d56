import { declarations, type Shader } from './shader.js';

const threads = 256;

/** Quads of a block's sums: regularization, errors of observed cells (two), of withheld ones (two). */
export const sumQuads = 5;

/**
 * Adds up what rows and pieces of a block left: workgroup (block, quad of its sums).
 *
 *     ranges   for each block two: rows from, to, observed pieces from, to; withheld ones from, to, 0, 0
 *     sums     `sumQuads` quads a block
 */
export function sumBlocksShader(): Shader {
  const bindings = [
    { name: 'ranges', access: 'read', element: 'vec4u' },
    { name: 'regularization', access: 'read', element: 'f32' },
    { name: 'errors', access: 'read', element: 'vec4f' },
    { name: 'sums', access: 'read_write', element: 'vec4f' },
  ] as const;
  const code = /* wgsl */ `
${declarations(bindings)}
var<workgroup> parts: array<vec4f, ${threads}>;

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let block = params.start + workgroup.x;
  let quad = workgroup.y;
  let ofRows = ranges[2u * block];
  let ofWithheld = ranges[2u * block + 1u];
  var range = ofRows.xy;
  if (quad > 0u) { range = ofRows.zw; }
  if (quad > 2u) { range = ofWithheld.xy; }
  var sum = vec4f();
  for (var i = range.x + thread; i < range.y; i += ${threads}u) {
    if (quad == 0u) {
      sum.x += regularization[i];
    } else {
      sum += errors[2u * i + (quad - 1u) % 2u];
    }
  }
  parts[thread] = sum;
  workgroupBarrier();
  for (var half = ${threads / 2}u * params.one; half > 0u; half /= 2u) {
    if (thread < half) { parts[thread] += parts[thread + half]; }
    workgroupBarrier();
  }
  if (thread == 0u) { sums[workgroup.x * ${sumQuads}u + quad] = parts[0]; }
}
`;
  return { name: 'sum blocks', code, bindings };
}
