/*
 * Screening in WGSL: every score of a batch of users in float32, then for each user the few items
 * that may belong to the list. The host scores those as defined; see `screen.ts`.
 */

/** Rows of a panel. Users and items are packed in panels; see `packRows`. */
export const panelRows = 64;

/** Users of a workgroup of `multiply`: two panels. */
export const tileUsers = 2 * panelRows;

/** Elements that a packed row is filled up to a multiple of with zero. */
export const elementStep = 16;

/** Longest list that `keep` can screen for: half of its groups. */
export const maxScreenedCount = 2048;

/** Below every score of a row that is screened: what must not be kept, and what is no item. */
const hidden = '-3e38';

/**
 * scores[user][item] = x·y for two panels of users and one of items a workgroup: 128 × 64 sums in
 * registers, 8 × 4 an invocation, `elementStep` elements of all rows in workgroup memory at a time.
 */
export const multiplyShader = /* wgsl */ `
struct Products {
  width: u32,       // elements of a packed row
  firstPanel: u32,  // the shard's among all panels of items
  rowVectors: u32,  // from one user's scores to the next's
}
@group(0) @binding(0) var<uniform> shape: Products;
@group(0) @binding(1) var<storage, read> users: array<vec4f>;
@group(0) @binding(2) var<storage, read> items: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> scores: array<vec4f>;

var<workgroup> leftUsers: array<vec4f, 256>;
var<workgroup> rightUsers: array<vec4f, 256>;
var<workgroup> someItems: array<vec4f, 256>;

@compute @workgroup_size(256)
fn multiply(
  @builtin(workgroup_id) group: vec3u,  // x: tile of users, y: the shard's panel of items
  @builtin(local_invocation_index) lane: u32,
) {
  let panelVectors = shape.width * 16;
  let left = group.x * 2 * panelVectors + lane;
  let right = left + panelVectors;
  let item = group.y * panelVectors + lane;
  let row = lane / 16;
  let column = lane % 16;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  for (var at = 0u; at < panelVectors; at += 256) {
    leftUsers[lane] = users[left + at];
    rightUsers[lane] = users[right + at];
    someItems[lane] = items[item + at];
    workgroupBarrier();
    for (var k = 0u; k < 256; k += 16) {
      let y = someItems[k + column];
      let a = leftUsers[k + row];
      a0 += a.x * y; a1 += a.y * y; a2 += a.z * y; a3 += a.w * y;
      let b = rightUsers[k + row];
      b0 += b.x * y; b1 += b.y * y; b2 += b.z * y; b3 += b.w * y;
    }
    workgroupBarrier();
  }
  var out = (group.x * ${tileUsers} + row * 4) * shape.rowVectors
    + (shape.firstPanel + group.y) * 16 + column;
  scores[out] = a0;
  scores[out + shape.rowVectors] = a1;
  scores[out + 2 * shape.rowVectors] = a2;
  scores[out + 3 * shape.rowVectors] = a3;
  out += ${panelRows} * shape.rowVectors;
  scores[out] = b0;
  scores[out + shape.rowVectors] = b1;
  scores[out + 2 * shape.rowVectors] = b2;
  scores[out + 3 * shape.rowVectors] = b3;
}
`;

/** Hides what users rated, and what fills the last panel of items up; a workgroup a user. */
export const hideShader = /* wgsl */ `
struct Row { length: u32, itemCount: u32 }
@group(0) @binding(0) var<uniform> row: Row;
@group(0) @binding(1) var<storage, read> seenOffsets: array<u32>;
@group(0) @binding(2) var<storage, read> seenItems: array<u32>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn hide(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = group.x * row.length;
  for (var i = row.itemCount + lane; i < row.length; i += 64) { scores[start + i] = ${hidden}; }
  let end = seenOffsets[group.x + 1];
  for (var at = seenOffsets[group.x] + lane; at < end; at += 64) {
    scores[start + seenItems[at]] = ${hidden};
  }
}
`;

/**
 * Keeps the items of each user that may belong to the list; a workgroup a user.
 *
 * Scores fall into 4,096 groups; the count-th best of the groups' best scores is reached by at least
 * count items, and by few more. What is less than that by more than the user's slack is not kept.
 * Nothing is sorted, and scores are read twice.
 */
export const keepShader = /* wgsl */ `
struct Search { rowVectors: u32, count: u32, capacity: u32 }
@group(0) @binding(0) var<uniform> search: Search;
@group(0) @binding(1) var<storage, read> scores: array<vec4f>;
@group(0) @binding(2) var<storage, read> slacks: array<f32>;
// A length and capacity items for each user; nothing of a user with more than that is complete.
@group(0) @binding(3) var<storage, read_write> kept: array<u32>;

var<workgroup> reaching: array<atomic<u32>, 32>;
var<workgroup> length: atomic<u32>;

// Floats compare as these integers do.
fn keyOf(score: f32) -> u32 {
  let bits = bitcast<u32>(score);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0);
}

fn keysOf(scores: vec4f) -> vec4u {
  return vec4u(keyOf(scores.x), keyOf(scores.y), keyOf(scores.z), keyOf(scores.w));
}

fn reachCount(keys: vec4u, bar: u32) -> u32 {
  let reached = select(vec4u(0), vec4u(1), keys >= vec4u(bar));
  return reached.x + reached.y + reached.z + reached.w;
}

fn keepIf(score: f32, bar: f32, start: u32, item: u32) {
  if (score < bar) { return; }
  let at = atomicAdd(&length, 1u);
  if (at < search.capacity) { kept[start + 1 + at] = item; }
}

@compute @workgroup_size(256)
fn keep(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * search.rowVectors;
  let lowest = vec4f(${hidden});
  var best0 = lowest; var best1 = lowest; var best2 = lowest; var best3 = lowest;
  for (var i = lane; i < search.rowVectors; i += 1024) {
    best0 = max(best0, scores[first + i]);
    if (i + 256 < search.rowVectors) { best1 = max(best1, scores[first + i + 256]); }
    if (i + 512 < search.rowVectors) { best2 = max(best2, scores[first + i + 512]); }
    if (i + 768 < search.rowVectors) { best3 = max(best3, scores[first + i + 768]); }
  }

  // The highest key, but for its last ten bits, that count groups reach.
  let keys0 = keysOf(best0); let keys1 = keysOf(best1);
  let keys2 = keysOf(best2); let keys3 = keysOf(best3);
  var key = 0u;
  for (var bit = 31u; bit > 9; bit--) {
    let trial = key | (1u << bit);
    let own = reachCount(keys0, trial) + reachCount(keys1, trial)
      + reachCount(keys2, trial) + reachCount(keys3, trial);
    if (own > 0) { atomicAdd(&reaching[bit], own); }
    workgroupBarrier();
    if (atomicLoad(&reaching[bit]) >= search.count) { key = trial; }
  }
  let reached = bitcast<f32>(select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0));
  // With fewer than count groups that hold an item, all items are kept.
  let bar = select(-1e38, reached - slacks[group.x], reached > -1e38);

  let start = group.x * (search.capacity + 1);
  for (var i = lane; i < search.rowVectors; i += 256) {
    let some = scores[first + i];
    keepIf(some.x, bar, start, 4 * i);
    keepIf(some.y, bar, start, 4 * i + 1);
    keepIf(some.z, bar, start, 4 * i + 2);
    keepIf(some.w, bar, start, 4 * i + 3);
  }
  workgroupBarrier();
  if (lane == 0) { kept[start] = atomicLoad(&length); }
}
`;
