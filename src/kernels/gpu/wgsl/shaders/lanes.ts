import type { RowShape } from '../row-shape.js';
import { repeat } from './shader.js';

/**
 * Threads of a group: which thread has which quads of a row, and sums over them.
 *
 * @param subgroups whether lanes hand numbers to each other; otherwise they go through workgroup
 * memory. Both add in the same order.
 */
export function lanesText(shape: RowShape, subgroups: boolean): string {
  const { lanes, perLane, groups, threads } = shape;
  return /* wgsl */ `
/** A thread's quads of a row: lane, lane + ${lanes}, … */
alias LaneQuads = array<vec4f, ${perLane}>;

var<private> thread: u32;
/** Which of the workgroup's rows the thread works for, in which group, as which lane. */
var<private> slot: u32;
var<private> group: u32;
var<private> lane: u32;

fn takePlace(index: u32) {
  thread = index;
  slot = index / ${lanes * groups}u;
  group = index / ${lanes}u % ${groups}u;
  lane = index % ${lanes}u;
}

${subgroups ? shuffledSum(lanes) : exchangedSum(lanes, threads)}

/** a·b, the same in every lane of the group. */
fn dotOf(a: LaneQuads, b: LaneQuads) -> f32 {
  return laneSum(${repeat(perLane, (i) => `dot(a[${i}], b[${i}])`, ' + ')});
}
`;
}

/** Butterfly: after step i every lane has the sum of its 2^i neighbours. */
function shuffledSum(lanes: number): string {
  return /* wgsl */ `
fn laneSum(value: f32) -> f32 {
  var sum = value;
${repeat(Math.log2(lanes), (i) => `  sum += subgroupShuffleXor(sum, ${2 ** i}u);`)}
  return sum;
}`;
}

/** The same tree of additions, through workgroup memory. */
function exchangedSum(lanes: number, threads: number): string {
  if (lanes === 1) return 'fn laneSum(value: f32) -> f32 { return value; }';
  const tree = (from: number, count: number): string =>
    count === 1
      ? `exchange[first + ${from}u]`
      : `(${tree(from, count / 2)} + ${tree(from + count / 2, count / 2)})`;
  return /* wgsl */ `
var<workgroup> exchange: array<f32, ${threads}>;

fn laneSum(value: f32) -> f32 {
  workgroupBarrier();
  exchange[thread] = value;
  workgroupBarrier();
  let first = thread - lane;
  return ${tree(0, lanes)};
}`;
}

/** A `LaneQuads` of what `quad` says for the number of a quad; zero beyond the row's end. */
export function laneQuads(
  { quads, lanes, perLane }: RowShape,
  quad: (at: string) => string,
): string {
  const each = (i: number) => {
    const at = quadAt(lanes, i);
    if ((i + 1) * lanes <= quads) return quad(at);
    return `select(vec4f(), ${quad(at)}, ${at} < ${quads}u)`;
  };
  return `LaneQuads(${repeat(perLane, each, ', ')})`;
}

/** Statements that hand a thread's quads on; `store` is given the quad's number and its index. */
export function eachQuad(
  { quads, lanes, perLane }: RowShape,
  store: (at: string, i: number) => string,
): string {
  return repeat(perLane, (i) => {
    const at = quadAt(lanes, i);
    const statement = store(at, i);
    return (i + 1) * lanes <= quads ? statement : `if (${at} < ${quads}u) { ${statement} }`;
  });
}

function quadAt(lanes: number, i: number): string {
  return i === 0 ? 'lane' : `(lane + ${i * lanes}u)`;
}
