import { type RowShape, segmentLength } from '../row-shape.js';
import { conjugateGradientText, solvedBindings } from './conjugate-gradient.js';
import { gramBinding, gramProductText } from './gram-product.js';
import { laneQuads, lanesText } from './lanes.js';
import { longestText } from './longest.js';
import { fixedBindings, neighboursText, ratingBindings, ratingText } from './neighbours.js';
import { preconditionerText } from './preconditioner.js';
import { declarations, type Shader } from './shader.js';

/** What the text of a shader depends on beside the shape. */
export interface ShaderTraits {
  readonly subgroups: boolean;
  /** Neighbours of a group that are on their way at a time, to hide how long memory takes. */
  readonly ahead: number;
  /** Buffers of the fixed side. */
  readonly fixedBuffers: number;
}

/**
 * Solves rows from their last value to their next one, all steps at once:
 *
 *     A·v = (u·gram + λI)·v + Σ e·(y·v)·y      b = Σ c·t·y
 *
 * by kernel.ts. A workgroup has `shape.rows` rows. Vectors of a row are in registers, a share a
 * lane; what a product needs of them all, and what it gives, goes through workgroup memory.
 *
 *     records   a row's place in `factors`, first rating, count of ratings, bits of λ
 */
export function solveRowsShader(shape: RowShape, traits: ShaderTraits): Shader {
  const { threads, rows, quads } = shape;
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' } as const,
    ...ratingBindings,
    gramBinding,
    ...solvedBindings,
    ...fixedBindings(traits.fixedBuffers),
  ];
  const code = /* wgsl */ `${traits.subgroups ? 'enable subgroups;' : ''}
${declarations(bindings)}
${lanesText(shape, traits.subgroups)}
${ratingText(shape, traits.fixedBuffers)}
${longestText(shape)}
${neighboursText(shape, traits.ahead, true)}
${gramProductText(shape)}
${preconditionerText(shape)}
${conjugateGradientText(shape)}

/** What the system makes of the vectors, a row each; of the first ones, what they fall short of b. */
var<workgroup> applied: array<vec4f, ${rows * quads}>;

/** @param longest ratings of the workgroup's longest row, in all threads the same */
fn applySystem(v: LaneQuads, row: Row, longest: u32, isFirst: bool) -> LaneQuads {
  showVector(v);
  workgroupBarrier();
  multiplyByGram();
  var begin = 0u;
  loop {
    let end = min(longest, begin + ${segmentLength}u);
    showGroupSum(pull(v, row, begin, end, isFirst));
    workgroupBarrier();
    for (var at = thread; at < ${rows}u * params.quads; at += ${threads}u) {
      let of_slot = at / ${quads}u;
      let quad = at % ${quads}u;
      var product = applied[at];
      if (begin == 0u) {
        product = linearPart(of_slot, quad);
        if (isFirst) { product = -product; }
      }
      applied[at] = (product + addGroups(of_slot, quad)) * freeQuad(quad);
    }
    workgroupBarrier();
    begin = end;
    if (begin >= longest) { break; }
  }
  let base = slot * ${quads}u;
  return ${laneQuads(shape, (at) => `applied[base + ${at}]`)};
}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first = numberOf(workgroup, workgroups) * ${rows}u;
  if (first >= params.count) { return; }
  takePlace(index);

  // Places that are left over go through the motions of the last row, without ratings.
  let isThere = first + slot < params.count;
  let record = records[params.start + min(first + slot, params.count - 1u)];
  let row = Row(record.x, record.y, select(0u, record.z, isThere));
  let lambda = bitcast<f32>(record.w);
  if (group == 0u && lane == 0u) { lambdas[slot] = lambda; }
  let longest = longestFrom(first);
  takePreconditioner(row, lambda);

  var walk = Walk();
  walk.x = lastRow(row);
  walk.direction = walk.x;
  for (var product = 0u; product <= params.steps; product++) {
    let isFirst = product == 0u;
    let Ap = applySystem(walk.direction, row, longest, isFirst);
    if (isFirst) { walk = startWalk(walk.x, Ap, row); } else { walk = stepOn(walk, Ap); }
  }
  finishRow(walk.x, row, lambda, isThere);
}
`;
  return { name: rows === 1 ? 'solve rows' : 'solve short rows', code, bindings };
}
