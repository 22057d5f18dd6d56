import { MemoryLimitError, MemoryRefusedError } from './errors.js';

const pageBytes = 65_536;
/** The last 64 KiB of 4 GiB stay free: the end of a region is an address of 32 bits too. */
const limitPages = 65_535;
/** Bytes that regions of an arena have at most. */
export const arenaBytes = (limitPages - 1) * pageBytes;
const alignment = 64;

/** A shared `WebAssembly.Memory`; posting it to a thread passes it by reference. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Adds 64 KiB pages and returns the former number of pages. */
  grow(pages: number): number;
}

/** A stretch of an arena, in bytes from its start. */
interface Region {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Shared memory that WASM kernels and every thread see: ratings, factors and Gram matrices.
 *
 * It grows in place up to 4 GiB, so views made earlier stay valid. The code that allocates a region
 * owns it; releasing a region makes its bytes available to the next allocation, never to the
 * operating system.
 *
 *     0        64 KiB
 *     | unused | region | region | free | region | … grows
 *
 * Regions start on 64-byte boundaries. Offset 0 is never allocated.
 */
export class Arena {
  readonly memory: SharedMemory;
  readonly #taken = new Map<number, number>();
  #free: Region[] = [];
  #end = pageBytes;

  /** Throws `MemoryRefusedError` if the system has no address space for it. */
  constructor() {
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: limitPages, shared: true });
    } catch (cause) {
      throw new MemoryRefusedError(pageBytes, { cause });
    }
  }

  /** Bytes allocated and not released. */
  get usedBytes(): number {
    let bytes = 0;
    for (const taken of this.#taken.values()) bytes += taken;
    return bytes;
  }

  /**
   * Reserves `bytes` zeroed bytes and returns their offset.
   * Throws `MemoryLimitError` if the arena would pass 4 GiB, `MemoryRefusedError` if the system gives
   * no more; nothing is reserved then.
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0)) throw new RangeError(`cannot allocate ${bytes} bytes; expected 0 or more`);
    const size = Math.max(alignment, alignedBytes(bytes));
    const at = this.#free.findIndex((region) => region.bytes >= size);
    if (at >= 0) {
      const { offset, bytes: available } = this.#free[at]!;
      const rest = { offset: offset + size, bytes: available - size };
      this.#free.splice(at, 1, ...(rest.bytes > 0 ? [rest] : []));
      new Uint8Array(this.memory.buffer, offset, size).fill(0);
      this.#taken.set(offset, size);
      return offset;
    }
    const offset = this.#end;
    this.#growTo(offset + size);
    this.#end = offset + size;
    this.#taken.set(offset, size);
    return offset;
  }

  /**
   * Throws `MemoryLimitError` unless `bytes` more would fit. Reserves nothing.
   *
   * @param advice what to try if they do not
   */
  require(bytes: number, advice?: string): void {
    const available = this.#free.reduce((sum, region) => sum + region.bytes, 0);
    const needed = this.#end + bytes - available;
    if (needed > limitPages * pageBytes)
      throw new MemoryLimitError(needed, limitPages * pageBytes, advice);
  }

  /** Gives a region back. Views of it must not be used afterwards. */
  release(offset: number): void {
    const bytes = this.#taken.get(offset);
    if (bytes === undefined) throw new RangeError(`no region at offset ${offset}`);
    this.#taken.delete(offset);
    const regions = [...this.#free, { offset, bytes }].sort((a, b) => a.offset - b.offset);
    this.#free = [];
    for (const region of regions) {
      const last = this.#free.at(-1);
      if (last !== undefined && last.offset + last.bytes === region.offset) {
        this.#free[this.#free.length - 1] = {
          offset: last.offset,
          bytes: last.bytes + region.bytes,
        };
      } else {
        this.#free.push(region);
      }
    }
  }

  /** A new zeroed `Uint32Array` in the arena. */
  uint32(length: number): Uint32Array {
    const offset = this.allocate(length * 4);
    return new Uint32Array(this.memory.buffer, offset, length);
  }

  /** A new zeroed `Float32Array` in the arena. */
  float32(length: number): Float32Array {
    const offset = this.allocate(length * 4);
    return new Float32Array(this.memory.buffer, offset, length);
  }

  /** A new zeroed `Float64Array` in the arena. */
  float64(length: number): Float64Array {
    const offset = this.allocate(length * 8);
    return new Float64Array(this.memory.buffer, offset, length);
  }

  #growTo(bytes: number): void {
    const pages = Math.ceil(bytes / pageBytes);
    const missing = pages - this.memory.buffer.byteLength / pageBytes;
    if (missing <= 0) return;
    if (pages > limitPages) throw new MemoryLimitError(bytes, limitPages * pageBytes);
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new MemoryRefusedError(bytes, { cause });
    }
  }
}

/** Regions of an arena that are allocated one by one and released together. */
export class RegionGroup {
  readonly #arena: Arena;
  readonly #offsets: number[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get memory(): SharedMemory {
    return this.#arena.memory;
  }

  /** As `Arena.allocate`. */
  allocate(bytes: number): number {
    const offset = this.#arena.allocate(bytes);
    this.#offsets.push(offset);
    return offset;
  }

  /** Gives all of them back; once more does nothing. */
  release(): void {
    for (const offset of this.#offsets.splice(0)) this.#arena.release(offset);
  }
}

/** `bytes` rounded up to the boundary on which regions start: 64. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
