import { DeviceError } from '../../../errors.js';
import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import { readBuffer, uploadInto } from '../device/transfer.js';
import { GpuMemory } from './gpu-memory.js';
import { type PackedRows, packedWidth, packRows } from './pack-rows.js';
import { hideShader, keepShader, multiplyShader, panelRows, tileUsers } from './shaders.js';
import { bindingBytes, uploadItems } from './upload-items.js';

/** What a screen is opened for. */
export interface ScreenShape {
  /** The items that may be on lists; what is kept are indices into these. */
  readonly items: PackedRows;
  /** Length of the lists, 1 to `maxScreenedCount`. */
  readonly count: number;
  /** Most items that are kept for one user, ≥ count. */
  readonly capacity: number;
  /** Most users of a batch, and most of their ratings. */
  readonly users: number;
  readonly ratings: number;
  /** How many batches may be on their way, each in a slot of its own. */
  readonly slots: number;
}

/** Users whose lists are wanted. */
export interface ScreenBatch {
  readonly users: PackedRows;
  /** How far below the count-th best score an item of the user's list may be; see `slackOf`. */
  readonly slacks: Float32Array;
  /** User u rated the items (indices) seenOffsets[u] … seenOffsets[u + 1] − 1 of `seenItems`. */
  readonly seenOffsets: Uint32Array;
  readonly seenItems: Uint32Array;
}

/** Finds on a device, for many users at a time, the few items that may belong to their lists. */
export interface Screen {
  /**
   * For each user a length and room for `capacity` items in any order, one user after the other. All
   * items of the user's list are among them, unless the length is above the capacity: then they are
   * not complete. Overwritten by the slot's next batch.
   *
   * Rejects if the device fails. No two batches of a slot at a time.
   */
  run(batch: ScreenBatch, slot: number): Promise<Uint32Array>;
  /** Frees the device's memory. No batch is under way. */
  close(): void;
}

/** Memory for scores that is enough to keep any device busy. */
const enoughBytes = 256 * 2 ** 20;

/**
 * Uploads the items and compiles for them. Rejects with `DeviceError` if they do not fit the device, or
 * it fails; nothing is left there then.
 */
export async function openScreen(gpu: Gpu, shape: ScreenShape): Promise<Screen> {
  const usersAtATime = usersThatFit(gpu, shape);
  const memory = new GpuMemory(gpu);
  let stages: Stages;
  try {
    stages = await guarded(gpu, () => prepare(gpu, shape, usersAtATime, memory));
  } catch (error) {
    memory.free();
    throw error;
  }
  const keptLength = shape.capacity + 1;
  return {
    async run(batch, slot) {
      const room = stages.rooms[slot]!;
      const { count } = batch.users;
      for (let first = 0; first < count; first += usersAtATime) {
        const end = Math.min(first + usersAtATime, count);
        const part = usersOf(batch, first, end);
        await guarded(gpu, () => {
          upload(gpu, part, room);
          dispatch(gpu, stages, room, part.users.count);
        });
        const keptItems = room.keptItems.subarray(first * keptLength, end * keptLength);
        await readBuffer(gpu, room.kept, 0, keptItems);
      }
      return room.keptItems;
    },
    close: () => memory.free(),
  };
}

/** What batches run through, and the memory of each slot. */
interface Stages {
  readonly multiply: GPUComputePipeline;
  readonly hide: GPUComputePipeline;
  readonly keep: GPUComputePipeline;
  readonly shards: readonly { readonly panels: number }[];
  readonly rooms: readonly Room[];
}

/** What one batch on its way needs. */
interface Room {
  readonly users: GPUBuffer;
  readonly slacks: GPUBuffer;
  readonly seenOffsets: GPUBuffer;
  readonly seenItems: GPUBuffer;
  readonly kept: GPUBuffer;
  readonly packed: Float32Array;
  readonly keptItems: Uint32Array;
  /** One a shard. */
  readonly products: readonly GPUBindGroup[];
  readonly hidden: GPUBindGroup;
  readonly search: GPUBindGroup;
}

function prepare(
  gpu: Gpu,
  { items, count, capacity, users, ratings, slots }: ScreenShape,
  usersAtATime: number,
  memory: GpuMemory,
): Stages {
  const { device } = gpu;
  const pipeline = (code: string): GPUComputePipeline =>
    device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }) },
    });
  const bind = (to: GPUComputePipeline, ...buffers: GPUBuffer[]): GPUBindGroup =>
    device.createBindGroup({
      layout: to.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
  const [multiply, hide, keep] = [
    pipeline(multiplyShader),
    pipeline(hideShader),
    pipeline(keepShader),
  ];
  const width = packedWidth(items.rank);
  const rowLength = rowLengthOf(items);
  const scores = memory.storage(4 * usersAtATime * rowLength);
  const row = memory.uniform(rowLength, items.count);
  const search = memory.uniform(rowLength / 4, count, capacity);
  const shards = uploadItems(gpu, items, (bytes) => memory.storage(bytes)).map((shard) => ({
    ...shard,
    products: memory.uniform(width, shard.firstPanel, rowLength / 4),
  }));
  const rooms = Array.from({ length: slots }, (): Room => {
    const buffers = {
      users: memory.storage(4 * usersAtATime * width),
      slacks: memory.storage(4 * usersAtATime),
      seenOffsets: memory.storage(4 * (usersAtATime + 1)),
      seenItems: memory.storage(4 * ratings),
      kept: memory.storage(4 * usersAtATime * (capacity + 1)),
    };
    return {
      ...buffers,
      packed: new Float32Array(usersAtATime * width),
      keptItems: new Uint32Array(users * (capacity + 1)),
      products: shards.map(({ products, buffer }) =>
        bind(multiply, products, buffers.users, buffer, scores),
      ),
      hidden: bind(hide, row, buffers.seenOffsets, buffers.seenItems, scores),
      search: bind(keep, search, scores, buffers.slacks, buffers.kept),
    };
  });
  return { multiply, hide, keep, shards, rooms };
}

/** Users `first` … `end` − 1 of a batch, as a batch. */
function usersOf(batch: ScreenBatch, first: number, end: number): ScreenBatch {
  const { users, slacks, seenOffsets, seenItems } = batch;
  const from = seenOffsets[first]!;
  const offsets = seenOffsets.subarray(first, end + 1);
  return {
    users: { ...users, rows: users.rows.subarray(first * users.rank), count: end - first },
    slacks: slacks.subarray(first, end),
    seenOffsets: from === 0 ? offsets : offsets.map((offset) => offset - from),
    seenItems: seenItems.subarray(from, seenOffsets[end]),
  };
}

function upload(gpu: Gpu, { users, slacks, seenOffsets, seenItems }: ScreenBatch, room: Room) {
  const tiles = Math.ceil(users.count / tileUsers);
  const packed = packRows(users, room.packed);
  const elements = tiles * tileUsers * packedWidth(users.rank);
  uploadInto(gpu, room.users, 0, packed.subarray(0, elements));
  uploadInto(gpu, room.slacks, 0, slacks);
  uploadInto(gpu, room.seenOffsets, 0, seenOffsets);
  uploadInto(gpu, room.seenItems, 0, seenItems);
}

function dispatch({ device }: Gpu, stages: Stages, room: Room, userCount: number): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(stages.multiply);
  for (const [shard, { panels }] of stages.shards.entries()) {
    pass.setBindGroup(0, room.products[shard]);
    pass.dispatchWorkgroups(Math.ceil(userCount / tileUsers), panels);
  }
  pass.setPipeline(stages.hide);
  pass.setBindGroup(0, room.hidden);
  pass.dispatchWorkgroups(userCount);
  pass.setPipeline(stages.keep);
  pass.setBindGroup(0, room.search);
  pass.dispatchWorkgroups(userCount);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Users whose scores are on the device at a time: whole tiles. */
function usersThatFit(gpu: Gpu, { items, users }: ScreenShape): number {
  const tileBytes = 4 * rowLengthOf(items) * tileUsers;
  const most = Math.floor(bindingBytes(gpu) / tileBytes);
  if (most === 0) {
    throw new DeviceError(
      `found ${items.count} items to choose from; expected at most ` +
        `${Math.floor(bindingBytes(gpu) / (4 * tileUsers))} for ${gpu.name}; try kernel: 'wasm'`,
    );
  }
  const enough = Math.max(1, Math.floor(enoughBytes / tileBytes));
  // A workgroup a user.
  const groups = Math.floor(gpu.limits.maxComputeWorkgroupsPerDimension / tileUsers);
  return tileUsers * Math.min(most, enough, groups, Math.ceil(users / tileUsers));
}

/** Scores of a user: whole panels. */
function rowLengthOf({ count }: PackedRows): number {
  return Math.ceil(count / panelRows) * panelRows;
}
