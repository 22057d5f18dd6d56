import { Arena } from '../../arena.js';
import { fastestBuild, instantiate, reportTraps } from './wasm-binary.js';

/** Users that are scored together, and items of a panel; see assembly/item-scores.ts. */
const group = 4;

/**
 * The scores of all items for some users, to the last bit those of `scoreItems`, some five times as
 * fast. Copies the items into memory of its own. Throws `MemoryLimitError`.
 *
 * @param items row-major, items × rank
 * @param users a row of `rank` elements each
 * @returns for each user in turn the scores by item; what is yielded is overwritten later
 */
export function* itemScores(
  items: Float32Array,
  rank: number,
  users: Iterable<Float32Array>,
): Generator<Float32Array> {
  const arena = new Arena();
  const itemCount = items.length / rank;
  const panelCount = Math.ceil(itemCount / group);
  const panels = packPanels(items, rank, arena.float32(panelCount * group * rank));
  const userRows = arena.float64(group * rank);
  const rowLength = panelCount * group;
  const out = arena.float32(group * rowLength);
  const build = fastestBuild();
  const wasm = instantiate(build, arena.memory);

  let waiting = 0;
  function* score(): Generator<Float32Array> {
    const places = [userRows.byteOffset, out.byteOffset, 4 * rowLength] as const;
    reportTraps(build, `score ${itemCount} items at rank ${rank}`, () =>
      wasm.scorePanels(panels.byteOffset, panelCount, rank, ...places),
    );
    for (let user = 0; user < waiting; user++) {
      yield out.subarray(user * rowLength, user * rowLength + itemCount);
    }
    waiting = 0;
  }
  for (const user of users) {
    for (let k = 0; k < rank; k++) userRows[k * group + waiting] = user[k]!;
    waiting++;
    if (waiting === group) yield* score();
  }
  if (waiting > 0) yield* score();
}

/** Writes items four by four, dimension by dimension; the last panel is filled up with zero. */
function packPanels(items: Float32Array, rank: number, panels: Float32Array): Float32Array {
  for (let at = 0, item = 0; at < items.length; item++) {
    let to = (item - (item % group)) * rank + (item % group);
    for (let k = 0; k < rank; k++, to += group) panels[to] = items[at++]!;
  }
  return panels;
}
