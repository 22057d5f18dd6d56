import type { RowShape } from '../row-shape.js';
import { eachQuad, laneQuads } from './lanes.js';
import { type Binding, repeat } from './shader.js';

/** Buffers of the fixed side, which one binding may be too small for. */
export function fixedBindings(bufferCount: number): Binding[] {
  return Array.from({ length: bufferCount }, (_, buffer) => ({
    name: `fixed${buffer}`,
    access: 'read' as const,
    element: 'vec4f' as const,
  }));
}

/** Ratings of the solved side. */
export const ratingBindings: readonly Binding[] = [
  { name: 'columns', access: 'read', element: 'u32' },
  { name: 'ratings', access: 'read', element: 'f32' },
];

/** c of `Weighting`. */
export const confidenceText =
  'fn confidenceOf(rating: f32) -> f32 { return 1.0 + params.alpha * rating; }';

/** What the ratings of a row are, and what one weighs; see `Weighting` in kernel.ts. */
export function ratingText(shape: RowShape, bufferCount: number): string {
  const { quads } = shape;
  return /* wgsl */ `
struct Row {
  /** Row of the bound factors. */
  at: u32,
  /** Entry of the bound ratings where its ratings begin. */
  first: u32,
  count: u32,
}

fn preferenceOf(rating: f32) -> f32 { return select(0.0, 1.0, rating > 0.0); }
${confidenceText}
fn aimOf(rating: f32) -> f32 {
  return select(rating - params.offset, preferenceOf(rating), params.implicitFeedback != 0u);
}

fn fixedQuad(row: u32, quad: u32) -> vec4f {
${
  bufferCount === 1
    ? `  return fixed0[row * ${quads}u + quad];`
    : `  let buffer = row / params.bufferRows;
  let at = (row - buffer * params.bufferRows) * ${quads}u + quad;
  var found = fixed0[at];
${repeat(bufferCount - 1, (i) => `  if (buffer == ${i + 1}u) { found = fixed${i + 1}[at]; }`)}
  return found;`
}
}

/** An entry of the row's, also where there is none: no thread has to take another way. */
fn entryOf(row: Row, at: u32) -> u32 {
  return row.first + min(at, max(row.count, 1u) - 1u);
}

fn fixedRow(row: u32) -> LaneQuads {
  return ${laneQuads(shape, (at) => `fixedQuad(row, ${at})`)};
}
`;
}

/**
 * The ratings' part of a product of the system with a vector v: the sum of Σ e·(y·v)·y over a group's
 * neighbours y, or of what it is short of b, Σ (c·t − e·(y·v))·y.
 *
 * @param ahead see `ShaderTraits`; it does not change the order of the sum
 */
export function neighboursText(shape: RowShape, ahead: number, keeps: boolean): string {
  const { groups, threads, perLane } = shape;
  const kept = keeps ? shape.kept : 0;
  const keptAt = (i: number, k: number) =>
    `kept[((turn + ${i}u) * ${perLane}u + ${k}u) * ${threads}u + thread]`;
  /** All columns first: then all rows are on their way before one is waited for. */
  const loads = () => `${repeat(ahead, (i) => `      let column${i} = columns[entry${i}];`)}
${repeat(ahead, (i) => `      y${i} = fixedRow(column${i});`)}`;
  return /* wgsl */ `
fn coefficientOf(rating: f32, product: f32, isFirst: bool) -> f32 {
  let confidence = confidenceOf(rating);
  let image = (confidence - params.observedShare) * product;
  return select(image, confidence * aimOf(rating) - image, isFirst);
}

${kept > 0 ? `/** Neighbours of the first turns; a thread reads only what it has written. */\nvar<workgroup> kept: array<vec4f, ${kept * perLane * threads}>;` : ''}

/** Over ratings begin … end − 1 of the row; the bounds are the same in all threads. */
fn pull(v: LaneQuads, row: Row, begin: u32, end: u32, isFirst: bool) -> LaneQuads {
  var sum = LaneQuads();
  for (var base = begin; base < end; base += ${groups * ahead}u) {
    let turn = base / ${groups}u;
${repeat(
  ahead,
  (i) => `    let at${i} = base + ${i * groups}u + group;
    let entry${i} = entryOf(row, at${i});
    let rating${i} = ratings[entry${i}];
    var y${i}: LaneQuads;`,
)}
${
  kept > 0
    ? `    let isKept = turn + ${ahead}u <= ${kept}u;
    if (isKept && !isFirst) {
${repeat(ahead, (i) => `      y${i} = LaneQuads(${repeat(perLane, (k) => keptAt(i, k), ', ')});`)}
    } else {
${loads()}
      if (isKept) {
${repeat(ahead, (i) => repeat(perLane, (k) => `        ${keptAt(i, k)} = y${i}[${k}];`))}
      }
    }`
    : loads()
}
${repeat(
  ahead,
  (i) => `    let product${i} = dotOf(y${i}, v);
    if (at${i} < row.count) {
      let weight = coefficientOf(rating${i}, product${i}, isFirst);
${repeat(perLane, (k) => `      sum[${k}] += weight * y${i}[${k}];`)}
    }`,
)}
  }
  return sum;
}

/** The sums of all groups, to be added up. */
var<workgroup> groupSums: array<vec4f, ${(threads / shape.lanes) * shape.quads}>;

fn showGroupSum(sum: LaneQuads) {
  let to = (slot * ${groups}u + group) * ${shape.quads}u;
${eachQuad(shape, (at, i) => `  groupSums[to + ${at}] = sum[${i}];`)}
}

/** Quad of a row's sum over its groups, in their order. */
fn addGroups(of_slot: u32, quad: u32) -> vec4f {
  var sum = vec4f();
  var base = of_slot * ${groups * shape.quads}u + quad;
  for (var i = 0u; i < ${groups}u * params.one; i++) {
    sum += groupSums[base];
    base += ${shape.quads}u;
  }
  return sum;
}
`;
}
