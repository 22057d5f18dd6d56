import type { RowShape } from '../row-shape.js';
import { laneQuads, lanesText } from './lanes.js';
import { longestText } from './longest.js';
import { fixedBindings, ratingBindings, ratingText } from './neighbours.js';
import { declarations, repeat, type Shader } from './shader.js';
import type { ShaderTraits } from './solve-rows.js';

/** Ratings of a piece at most: every row is cut into such, so no workgroup has much more to do. */
export const pieceLength = 512;

/**
 * `ErrorSums` of pieces of rows, observed or withheld: the workgroup has a piece where
 * `solve-rows.ts` has a row.
 *
 *     records   a row's place in `factors`, first rating, count of ratings, 0
 *     errors    two quads a piece: squared, absolute, squaredPreference, loss; squaredPrediction
 */
export function measureErrorsShader(shape: RowShape, traits: ShaderTraits): Shader {
  const { threads, rows, groups, quads } = shape;
  const { ahead } = traits;
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' } as const,
    ...ratingBindings,
    { name: 'factors', access: 'read', element: 'vec4f' } as const,
    { name: 'errors', access: 'read_write', element: 'vec4f' } as const,
    ...fixedBindings(traits.fixedBuffers),
  ];
  const code = /* wgsl */ `${traits.subgroups ? 'enable subgroups;' : ''}
${declarations(bindings)}
${lanesText(shape, traits.subgroups)}
${ratingText(shape, traits.fixedBuffers)}
${longestText(shape)}

var<workgroup> firstSums: array<vec4f, ${rows * groups}>;
var<workgroup> lastSums: array<f32, ${rows * groups}>;

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first = numberOf(workgroup, workgroups) * ${rows}u;
  if (first >= params.count) { return; }
  takePlace(index);

  let isThere = first + slot < params.count;
  let record = records[params.start + min(first + slot, params.count - 1u)];
  let row = Row(record.x, record.y, select(0u, record.z, isThere));
  let longest = longestFrom(first);

  let base = row.at * ${quads}u;
  let x = ${laneQuads(shape, (at) => `factors[base + ${at}]`)};
  var sums = vec4f();
  var squaredPrediction = 0.0;
  for (var turn = 0u; turn < longest; turn += ${groups * ahead}u) {
${repeat(
  ahead,
  (i) => `    let at${i} = turn + ${i * groups}u + group;
    let entry${i} = entryOf(row, at${i});
    let rating${i} = ratings[entry${i}];
    let column${i} = columns[entry${i}];`,
)}
${repeat(ahead, (i) => `    let y${i} = fixedRow(column${i});`)}
${repeat(
  ahead,
  (i) => `    let product${i} = dotOf(y${i}, x);
    if (at${i} < row.count) {
      let rating = rating${i};
      let prediction = product${i} + params.offset;
      let error = rating - prediction;
      let preferenceError = preferenceOf(rating) - prediction;
      let aimError = aimOf(rating) - product${i};
      sums += vec4f(
        error * error,
        abs(error),
        preferenceError * preferenceError,
        confidenceOf(rating) * aimError * aimError,
      );
      squaredPrediction += prediction * prediction;
    }`,
)}
  }
  if (lane == 0u) {
    firstSums[slot * ${groups}u + group] = sums;
    lastSums[slot * ${groups}u + group] = squaredPrediction;
  }
  workgroupBarrier();
  if (isThere && group == 0u && lane == 0u) {
    sums = vec4f();
    squaredPrediction = 0.0;
    for (var i = 0u; i < ${groups}u * params.one; i++) {
      sums += firstSums[slot * ${groups}u + i];
      squaredPrediction += lastSums[slot * ${groups}u + i];
    }
    let to = 2u * (params.base + first + slot);
    errors[to] = sums;
    errors[to + 1u] = vec4f(squaredPrediction, 0.0, 0.0, 0.0);
  }
}
`;
  return { name: 'measure errors', code, bindings };
}
