import type { RowShape } from '../row-shape.js';
import { conjugateGradientText, solvedBindings } from './conjugate-gradient.js';
import { gramBinding, gramProductText } from './gram-product.js';
import { eachQuad, laneQuads, lanesText } from './lanes.js';
import {
  confidenceText,
  fixedBindings,
  neighboursText,
  ratingBindings,
  ratingText,
} from './neighbours.js';
import { preconditionerText } from './preconditioner.js';
import { type Binding, declarations, type Shader } from './shader.js';
import type { ShaderTraits } from './solve-rows.js';

/*
 * Rows with so many ratings that one workgroup would be at them when all others are done. Every
 * product is two dispatches: workgroups sum a segment of a row's ratings each, then one a row adds
 * the segments up in order and takes the step. The bits are those that one workgroup would leave.
 *
 *     stage 0                take up the row: its vector is x
 *     stage 1                the product is what x falls short of b
 *     stage 2 … steps + 1    the product is Ap, of the direction p
 */

/** One `Walk` a row: vector, residual; rsold, floor, extent, steepest. */
const stateBinding: Binding = { name: 'states', access: 'read_write', element: 'vec4f' };

/** Sum of each segment. */
const segmentsBinding: Binding = { name: 'segments', access: 'read_write', element: 'vec4f' };

/** Quads of a row's state. */
export function stateQuads(quads: number): number {
  return 2 * quads + 1;
}

/**
 * Sums segments.
 *
 *     records   a row's number among the long ones, first rating, count of ratings, 0
 */
export function segmentShader(shape: RowShape, traits: ShaderTraits): Shader {
  const { threads, quads } = shape;
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' } as const,
    ...ratingBindings,
    stateBinding,
    segmentsBinding,
    ...fixedBindings(traits.fixedBuffers),
  ];
  const code = /* wgsl */ `${traits.subgroups ? 'enable subgroups;' : ''}
${declarations(bindings)}
${lanesText(shape, traits.subgroups)}
${ratingText(shape, traits.fixedBuffers)}
${neighboursText(shape, traits.ahead, false)}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let number = numberOf(workgroup, workgroups);
  if (number >= params.count) { return; }
  takePlace(index);
  let record = records[params.start + number];
  let row = Row(0u, record.y, record.z);
  let base = record.x * ${stateQuads(quads)}u;
  let v = ${laneQuads(shape, (at) => `states[base + ${at}]`)};
  showGroupSum(pull(v, row, 0u, row.count, params.stage == 1u));
  workgroupBarrier();
  for (var quad = thread; quad < params.quads; quad += ${threads}u) {
    segments[(params.start + number) * ${quads}u + quad] = addGroups(0u, quad);
  }
}
`;
  return { name: 'sum segments', code, bindings };
}

/**
 * Takes up rows, and takes their steps.
 *
 *     records   for each row two: its place in `factors`, first rating, count of ratings, bits of λ;
 *               and its first segment, count of segments, 0, 0
 */
export function advanceShader(shape: RowShape, traits: ShaderTraits): Shader {
  const { threads, quads } = shape;
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' } as const,
    { name: 'ratings', access: 'read', element: 'f32' } as const,
    stateBinding,
    segmentsBinding,
    gramBinding,
    ...solvedBindings,
  ];
  const code = /* wgsl */ `${traits.subgroups ? 'enable subgroups;' : ''}
${declarations(bindings)}
${lanesText(shape, traits.subgroups)}
struct Row { at: u32, first: u32, count: u32 }
${confidenceText}
${gramProductText(shape)}
${preconditionerText(shape)}
${conjugateGradientText(shape)}

var<workgroup> applied: array<vec4f, ${quads}>;

/** As in solve-rows.ts, with the sums of the segments in the place of the groups'. */
fn applySystem(v: LaneQuads, firstSegment: u32, segmentCount: u32, isFirst: bool) -> LaneQuads {
  showVector(v);
  workgroupBarrier();
  multiplyByGram();
  workgroupBarrier();
  for (var quad = thread; quad < params.quads; quad += ${threads}u) {
    var product = linearPart(0u, quad);
    if (isFirst) { product = -product; }
    for (var i = 0u; i < segmentCount; i++) {
      product = (product + segments[(firstSegment + i) * ${quads}u + quad]) * freeQuad(quad);
    }
    applied[quad] = product;
  }
  workgroupBarrier();
  return ${laneQuads(shape, (at) => `applied[${at}]`)};
}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let number = numberOf(workgroup, workgroups);
  if (number >= params.count) { return; }
  takePlace(index);
  let record = records[(params.start + number) * 2u];
  let extent = records[(params.start + number) * 2u + 1u];
  let row = Row(record.x, record.y, record.z);
  let lambda = bitcast<f32>(record.w);
  if (thread == 0u) { lambdas[0] = lambda; }
  takePreconditioner(row, lambda);

  let state = (params.start + number) * ${stateQuads(quads)}u;
  var walk = Walk();
  walk.x = lastRow(row);
  if (params.stage == 0u) {
    walk.direction = walk.x;
  } else {
    walk.direction = ${laneQuads(shape, (at) => `states[state + ${at}]`)};
    walk.residual = ${laneQuads(shape, (at) => `states[state + ${quads}u + ${at}]`)};
    let scalars = states[state + ${2 * quads}u];
    walk.rsold = scalars.x;
    walk.floor = scalars.y;
    walk.extent = scalars.z;
    walk.steepest = scalars.w;
    let Ap = applySystem(walk.direction, extent.x, extent.y, params.stage == 1u);
    if (params.stage == 1u) {
      walk = startWalk(walk.x, Ap, row);
    } else {
      walk = stepOn(walk, Ap);
    }
    finishRow(walk.x, row, lambda, true);
  }
  storageBarrier();
  if (group == 0u) {
${eachQuad(shape, (at, i) => `    states[state + ${at}] = walk.direction[${i}];`)}
${eachQuad(shape, (at, i) => `    states[state + ${quads}u + ${at}] = walk.residual[${i}];`)}
    if (lane == 0u) { states[state + ${2 * quads}u] = vec4f(walk.rsold, walk.floor, walk.extent, walk.steepest); }
  }
}
`;
  return { name: 'advance long rows', code, bindings };
}
