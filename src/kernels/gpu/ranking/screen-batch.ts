import { DeviceError } from '../../../errors.js';
import { type RankingLayout, type RankingWindow, viewScreened } from '../../wasm/ranking.js';
import type { ScreenBatch } from './screen.js';
import { normOf, slackOf } from './slack.js';

/** The items that may be recommended, by index. */
export interface Candidates {
  readonly rows: ScreenBatch['users'];
  /** Index of an item among them by position, `missing` if it is not there; none if all are. */
  readonly indices: Uint32Array | undefined;
  readonly greatestNorm: number;
}

const missing = 0xffffffff;

/** The candidates of a job, and how long the longest of their rows is. */
export function viewCandidates({
  memory,
  candidates,
  items,
  itemCount,
  rank,
}: RankingLayout): Candidates {
  const { count } = candidates;
  const positions = new Uint32Array(memory.buffer, candidates.positions, count);
  const rows = new Float32Array(memory.buffer, items, itemCount * rank);
  let greatestNorm = 0;
  for (const position of positions) {
    const norm = normOf(rows, position, rank);
    // Not the maximum of Math: what is not a number must stay.
    if (!(norm <= greatestNorm)) greatestNorm = norm;
    if (Number.isNaN(greatestNorm)) break;
  }
  if (count === itemCount) return { rows: { rows, rank, count }, indices: undefined, greatestNorm };
  const indices = new Uint32Array(itemCount).fill(missing);
  for (let index = 0; index < count; index++) indices[positions[index]!] = index;
  return { rows: { rows, rank, count, positions }, indices, greatestNorm };
}

/** A batch, and the users whose list float32 cannot tell. */
export interface PreparedBatch extends ScreenBatch {
  readonly isHopeless: Uint8Array;
}

/** What a device is given of a task's users. */
export function batchOf(
  { rank, filterSeen }: RankingLayout,
  { indices, greatestNorm }: Candidates,
  window: RankingWindow,
  userCount: number,
): PreparedBatch {
  const isHopeless = new Uint8Array(userCount);
  const slacks = new Float32Array(userCount);
  for (let user = 0; user < userCount; user++) {
    const slack = slackOf({ user: normOf(window.users, user, rank), item: greatestNorm }, rank);
    if (slack === undefined) isHopeless[user] = 1;
    else slacks[user] = slack;
  }
  const users = { rows: window.users, rank, count: userCount };
  return { users, slacks, isHopeless, ...seenBy() };

  function seenBy(): Pick<ScreenBatch, 'seenOffsets' | 'seenItems'> {
    if (!filterSeen) {
      return { seenOffsets: new Uint32Array(userCount + 1), seenItems: new Uint32Array(0) };
    }
    const { seenOffsets, seenItems } = window;
    if (indices === undefined) return { seenOffsets, seenItems };
    const offsets = new Uint32Array(userCount + 1);
    const items = new Uint32Array(seenOffsets[userCount]!);
    let length = 0;
    for (let user = 0; user < userCount; user++) {
      const end = seenOffsets[user + 1]!;
      for (let at = seenOffsets[user]!; at < end; at++) {
        const index = indices[seenItems[at]!]!;
        if (index !== missing) items[length++] = index;
      }
      offsets[user + 1] = length;
    }
    return { seenOffsets: offsets, seenItems: items };
  }
}

/** Writes what the device kept where the task's lists are made from. Throws `DeviceError`. */
export function writeKept(
  layout: RankingLayout,
  { rows, indices }: Candidates,
  {
    batch,
    isHopeless,
    keptItems,
  }: {
    readonly batch: ScreenBatch;
    readonly isHopeless: Uint8Array;
    readonly keptItems: Uint32Array;
  },
): void {
  const { capacity, count } = layout;
  const kept = viewScreened(layout);
  for (let user = 0; user < isHopeless.length; user++) {
    const start = user * (capacity + 1);
    const length = isHopeless[user] === 1 ? capacity + 1 : keptItems[start]!;
    kept[start] = length;
    if (length > capacity) continue;
    const seen = batch.seenOffsets[user + 1]! - batch.seenOffsets[user]!;
    const least = Math.min(count, rows.count - seen);
    if (length < least) throw garbage(`${length} items of at least ${least}`);
    for (let at = start + 1; at <= start + length; at++) {
      const index = keptItems[at]!;
      if (index >= rows.count) throw garbage(`item ${index} of ${rows.count}`);
      kept[at] = indices === undefined ? index : rows.positions![index]!;
    }
  }
}

/** What is thrown when a device answers what cannot be. */
export function garbage(found: string): DeviceError {
  return new DeviceError(`a GPU answers what cannot be: it found ${found}`);
}
