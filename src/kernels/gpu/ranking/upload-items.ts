import type { Gpu } from '../device/gpu.js';
import { uploadInto } from '../device/transfer.js';
import { type PackedRows, packedWidth, packRows } from './pack-rows.js';
import { panelRows } from './shaders.js';

/** Some consecutive panels of items in one buffer of the device. */
export interface ItemShard {
  readonly buffer: GPUBuffer;
  /** Its first panel among all. */
  readonly firstPanel: number;
  readonly panels: number;
}

/**
 * Uploads packed items, in as many buffers as the device's limits ask for.
 *
 * @param allocate makes a buffer of so many bytes
 */
export function uploadItems(
  gpu: Gpu,
  items: PackedRows,
  allocate: (bytes: number) => GPUBuffer,
): ItemShard[] {
  const panelElements = panelRows * packedWidth(items.rank);
  const panels = Math.ceil(items.count / panelRows);
  const most = Math.min(
    Math.floor(bindingBytes(gpu) / (4 * panelElements)),
    gpu.limits.maxComputeWorkgroupsPerDimension,
  );
  const shards: ItemShard[] = [];
  for (let firstPanel = 0; firstPanel < panels; firstPanel += most) {
    const length = Math.min(most, panels - firstPanel);
    const buffer = allocate(4 * length * panelElements);
    // Bit by bit, so that there is no second copy of all items.
    for (let panel = 0; panel < length; panel += panelsAtATime) {
      const some = Math.min(panelsAtATime, length - panel);
      const rows = selectPanels(items, firstPanel + panel, some);
      const packed = packRows(rows, new Float32Array(some * panelElements));
      uploadInto(gpu, buffer, 4 * panel * panelElements, packed);
    }
    shards.push({ buffer, firstPanel, panels: length });
  }
  return shards;
}

/** Bytes that a shader can reach through one binding. */
export function bindingBytes({ limits }: Pick<Gpu, 'limits'>): number {
  return Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
}

const panelsAtATime = 64;

function selectPanels(items: PackedRows, panel: number, panels: number): PackedRows {
  const { rows, rank, positions } = items;
  const first = panel * panelRows;
  const count = Math.min(panels * panelRows, items.count - first);
  return positions === undefined
    ? { rows: rows.subarray(first * rank, (first + count) * rank), rank, count }
    : { rows, rank, count, positions: positions.subarray(first, first + count) };
}
