import type { RowShape } from '../row-shape.js';
import { laneQuads } from './lanes.js';
import { repeat } from './shader.js';

/**
 * 1 / M of the row that a thread works for, as in assembly/preconditioner.ts. The shader has `Row`,
 * `confidenceOf`, and bindings `gram` and `ratings`.
 */
export function preconditionerText(shape: RowShape): string {
  const { quads, threads, lanes, groups, perLane } = shape;
  const rowThreads = lanes * groups;
  return /* wgsl */ `
var<private> inverse: LaneQuads;
var<workgroup> partials: array<f32, ${threads}>;

fn diagonalQuad(quad: u32) -> vec4f {
  let at = 4u * quad * ${quads}u + quad;
  return vec4f(gram[at].x, gram[at + ${quads}u].y, gram[at + ${2 * quads}u].z, gram[at + ${3 * quads}u].w);
}

fn largestDiagonal() -> f32 {
  var most = 0.0;
  for (var quad = thread; quad < params.quads; quad += ${threads}u) {
    let diagonal = diagonalQuad(quad);
    most = max(most, max(max(diagonal.x, diagonal.y), max(diagonal.z, diagonal.w)));
  }
  partials[thread] = most;
  workgroupBarrier();
  for (var i = 0u; i < ${threads}u * params.one; i++) { most = max(most, partials[i]); }
  workgroupBarrier();
  return most;
}

/** Σ e over the row's ratings, the same in all of its threads. */
fn sumOfExtras(row: Row) -> f32 {
  let place = thread % ${rowThreads}u;
  var sum = 0.0;
  for (var at = place; at < row.count; at += ${rowThreads}u) {
    sum += confidenceOf(ratings[row.first + at]) - params.observedShare;
  }
  partials[thread] = sum;
  workgroupBarrier();
  sum = 0.0;
  for (var i = 0u; i < ${rowThreads}u * params.one; i++) { sum += partials[thread - place + i]; }
  workgroupBarrier();
  return sum;
}

/** To be called by all threads of the workgroup. */
fn takePreconditioner(row: Row, lambda: f32) {
  let largest = largestDiagonal();
  let product = (params.unobservedWeight + sumOfExtras(row) / params.fixedRows) * largest;
  let ratio = select(1.0, 1.0 / (1.0 + lambda / product), product > 0.0);
  let scale = select(0.0, ratio / largest, largest > 0.0);
  let rest = select(1.0, 1.0 - ratio, largest > 0.0);
  let diagonal = ${laneQuads(shape, (at) => `diagonalQuad(${at})`)};
${repeat(perLane, (i) => `  inverse[${i}] = 1.0 / max(scale * diagonal[${i}] + rest, vec4f(${2 ** -20}));`)}
}
`;
}
