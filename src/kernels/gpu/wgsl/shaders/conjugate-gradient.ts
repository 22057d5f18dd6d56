import type { RowShape } from '../row-shape.js';
import { laneQuads } from './lanes.js';
import { type Binding, repeat } from './shader.js';

/** As in assembly/conjugate-gradient.ts: a direction flatter than this share, times rank, is not seen. */
const flatShare = 16 * 3.6e-15;

/** What a row's solve writes: its factors, and λ·|x|² of every row of the side. */
export const solvedBindings: readonly Binding[] = [
  { name: 'factors', access: 'read_write', element: 'vec4f' },
  { name: 'regularization', access: 'read_write', element: 'f32' },
];

/**
 * Conjugate gradient (Hestenes and Stiefel 1952) on the row that a group has a share of: the same in
 * every group of the row; `inverse` is that of its preconditioner. Products with the system come from elsewhere.
 */
export function conjugateGradientText(shape: RowShape): string {
  const { quads, perLane } = shape;
  const each = (text: (i: number) => string) => repeat(perLane, text, '\n');
  return /* wgsl */ `
struct Walk {
  x: LaneQuads,
  residual: LaneQuads,
  direction: LaneQuads,
  /** |residual|² in the norm of the preconditioner's inverse; 0 when the row has converged. */
  rsold: f32,
  /** A row with a smaller |residual|² has converged. */
  floor: f32,
  /** |direction|² in the norm of the preconditioner. */
  extent: f32,
  /** The largest curvature / |direction|² so far. */
  steepest: f32,
}

/** 0 where the coordinate is pinned, 1 elsewhere. */
fn freeQuad(quad: u32) -> vec4f {
  let at = 4u * quad + vec4u(0, 1, 2, 3);
  return select(vec4f(1), vec4f(0), at == vec4u(params.pinned));
}

/** The row as it was; zero but for what is pinned if it has no ratings. */
fn lastRow(row: Row) -> LaneQuads {
  let base = row.at * ${quads}u;
  let isEmpty = row.count == 0u;
  return ${laneQuads(shape, (at) => `select(factors[base + ${at}], 1.0 - freeQuad(${at}), isEmpty)`)};
}

fn preconditioned(residual: LaneQuads) -> LaneQuads {
  return LaneQuads(${repeat(perLane, (i) => `residual[${i}] * inverse[${i}]`, ', ')});
}

fn startWalk(x: LaneQuads, shortfall: LaneQuads, row: Row) -> Walk {
  var walk = Walk();
  walk.x = x;
  if (row.count > 0u) { walk.residual = shortfall; }
  walk.direction = preconditioned(walk.residual);
  walk.rsold = dotOf(walk.residual, walk.direction);
  walk.floor = walk.rsold * 1e-20;
  walk.extent = walk.rsold;
  return walk;
}

/** One step on; Ap is the system's product with the direction. */
fn stepOn(last: Walk, Ap: LaneQuads) -> Walk {
  var walk = last;
  let curvature = dotOf(walk.direction, Ap);
  let rounding = ${flatShare} * ${4 * quads}.0 * walk.steepest * walk.extent;
  let goes = walk.rsold > 0.0 && curvature > rounding;
  let alpha = select(0.0, walk.rsold / curvature, goes);
${each((i) => `  walk.x[${i}] += params.stepLength * alpha * walk.direction[${i}];`)}
${each((i) => `  walk.residual[${i}] -= alpha * Ap[${i}];`)}
  let next = preconditioned(walk.residual);
  let rsnew = dotOf(walk.residual, next);
  if (goes && rsnew > walk.floor) {
    let beta = rsnew / walk.rsold;
    walk.steepest = max(walk.steepest, curvature / walk.extent);
    walk.extent = rsnew + beta * beta * walk.extent;
${each((i) => `    walk.direction[${i}] = next[${i}] + beta * walk.direction[${i}];`)}
    walk.rsold = rsnew;
  } else {
    walk.direction = LaneQuads();
    walk.rsold = 0.0;
  }
  return walk;
}

/** Writes the row, and what its length costs, if it is there. */
fn finishRow(x: LaneQuads, row: Row, lambda: f32, isThere: bool) {
  let to = row.at * ${quads}u;
  if (isThere && group == 0u) {
${repeat(perLane, (i) => {
  const at = i === 0 ? 'lane' : `lane + ${i * shape.lanes}u`;
  return `    if (${at} < ${quads}u) { factors[to + ${at}] = x[${i}]; }`;
})}
  }
  let free = LaneQuads(${repeat(perLane, (i) => `x[${i}] * freeQuad(lane + ${i * shape.lanes}u)`, ', ')});
  let square = dotOf(free, free);
  if (isThere && group == 0u && lane == 0u) { regularization[params.rowBase + row.at] = lambda * square; }
}
`;
}
