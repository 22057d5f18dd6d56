import { declarations, repeat, type Shader } from './shader.js';

/*
 * XᵀX of a block's rows, in two steps. First workgroups sum slices of the rows, each for a tile of
 * 64 × 64 elements on or above the diagonal; then the slices of a block are added up in order.
 */

/** Elements on a tile's side. */
const tile = 64;

/** Rows that are in workgroup memory at a time; their sum joins the total, for the sake of rounding. */
const stage = 16;

/** Threads on a side of the workgroup; each has 4 × 4 elements of the tile. */
const side = tile / 4;

/** Tiles on or above the diagonal. */
export function tilePairs(stride: number): number {
  const count = Math.ceil(stride / tile);
  return (count * (count + 1)) / 2;
}

/**
 * Sums slices: workgroup (slice, pair of tiles).
 *
 *     records   a slice's first row in `factors`, count of rows, place among the parts, 0
 *     parts     stride × stride elements a slice, those above the diagonal's tiles
 */
export function gramSliceShader(): Shader {
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' },
    { name: 'factors', access: 'read', element: 'vec4f' },
    { name: 'parts', access: 'read_write', element: 'vec4f' },
  ] as const;
  const code = /* wgsl */ `
${declarations(bindings)}
var<workgroup> left: array<vec4f, ${stage * side}>;
var<workgroup> right: array<vec4f, ${stage * side}>;

@compute @workgroup_size(${side}, ${side})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let record = records[params.start + workgroup.x];
  let quads = params.quads;
  let tiles = (quads + ${side}u - 1u) / ${side}u;
  // Pairs come as (0, 0), (0, 1) … (1, 1), (1, 2) …
  var pair = workgroup.y;
  var down = 0u;
  while (pair >= tiles - down) {
    pair -= tiles - down;
    down++;
  }
  let leftQuad = down * ${side}u;
  let rightQuad = (down + pair) * ${side}u;

${repeat(4, (i) => `  var total${i} = vec4f();`)}
  for (var begin = 0u; begin < record.y; begin += ${stage}u) {
    let row = (record.x + begin + at.y) * quads;
    let isThere = begin + at.y < record.y;
    var quad = leftQuad + at.x;
    left[at.y * ${side}u + at.x] = vec4f();
    if (isThere && quad < quads) { left[at.y * ${side}u + at.x] = factors[row + quad]; }
    quad = rightQuad + at.x;
    right[at.y * ${side}u + at.x] = vec4f();
    if (isThere && quad < quads) { right[at.y * ${side}u + at.x] = factors[row + quad]; }
    workgroupBarrier();
${repeat(4, (i) => `    var sum${i} = vec4f();`)}
    for (var i = 0u; i < min(${stage}u * params.one, record.y - begin); i++) {
      let a = left[i * ${side}u + at.y];
      let b = right[i * ${side}u + at.x];
      sum0 += a.x * b;
      sum1 += a.y * b;
      sum2 += a.z * b;
      sum3 += a.w * b;
    }
${repeat(4, (i) => `    total${i} += sum${i};`)}
    workgroupBarrier();
  }

  let row = 4u * (leftQuad + at.y);
  let column = rightQuad + at.x;
  let to = (record.z - params.base) * 4u * quads * quads + row * quads + column;
  if (row < 4u * quads && column < quads) {
${repeat(4, (i) => `    parts[to + ${i}u * quads] = total${i};`)}
  }
}
`;
  return { name: 'sum Gram slices', code, bindings };
}

const adders = 256;

/** Workgroups that add up the slices of one block. */
export function gramWorkgroups(quads: number): number {
  return Math.ceil((16 * quads * quads) / adders);
}

/**
 * Adds slices up: workgroup (256 elements, block).
 *
 *     records   a block's first slice among the parts, count of slices, place in `blockGrams`, 0
 */
export function gramBlockShader(): Shader {
  const bindings = [
    { name: 'records', access: 'read', element: 'vec4u' },
    { name: 'parts', access: 'read', element: 'f32' },
    { name: 'blockGrams', access: 'read_write', element: 'f32' },
  ] as const;
  const code = /* wgsl */ `
${declarations(bindings)}
@compute @workgroup_size(${adders})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let stride = 4u * params.quads;
  let square = stride * stride;
  let at = workgroup.x * ${adders}u + thread;
  if (at >= square) { return; }
  let record = records[params.start + workgroup.y];
  let row = at / stride;
  let column = at % stride;
  // Below the diagonal's tiles it is what the mirror has.
  let isBelow = row / ${tile}u > column / ${tile}u;
  var base = (record.x - params.base) * square + select(at, column * stride + row, isBelow);
  var sum = 0.0;
  for (var i = 0u; i < record.y; i++) {
    sum += parts[base];
    base += square;
  }
  blockGrams[record.z * square + at] = sum;
}
`;
  return { name: 'sum block Grams', code, bindings };
}
