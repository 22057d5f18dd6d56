import { DeviceError } from '../../../errors.js';
import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import type { PackedRows } from '../ranking/pack-rows.js';
import type { Screen, ScreenBatch, ScreenShape } from '../ranking/screen.js';
import type { Backend, Resident } from './backend.js';
import { gpuBackend } from './gpu-backend.js';
import { exactBelow } from './kernel-source.js';
import * as sources from './rank-sources.js';

/**
 * As `openScreen`, with the kernels of gpu.js: the device scores all items and tells the best score
 * of every tile; the scores of tiles that may hold something of a list are read back, and the items
 * are kept in this thread.
 */
export async function openGpuJsScreen(gpu: Gpu, shape: ScreenShape): Promise<Screen> {
  const backend = await gpuBackend(gpu);
  try {
    return await guarded(gpu, () => new GpuJsScreen(backend, shape));
  } catch (error) {
    backend.close();
    throw error;
  }
}

const { hiddenScore, tileItems } = sources;

/** A batch is never stopped. */
const { signal } = new AbortController();

/** Scores of some users, where the kernels run. */
interface Scored {
  readonly scores: Resident;
  readonly firstUser: number;
  readonly userCount: number;
}

/** A screen of the gpu.js kernels; closes the backend with itself. Throws `DeviceError`. */
export class GpuJsScreen implements Screen {
  readonly #backend: Backend;
  readonly #shape: ScreenShape;
  readonly #items: Resident;
  readonly #tileCount: number;
  readonly #scores;
  readonly #tileBests;
  readonly #pickedScores;

  constructor(backend: Backend, shape: ScreenShape) {
    const { items, ratings } = shape;
    if (Math.max(items.count, ratings) > exactBelow) {
      throw new DeviceError(
        `found ${items.count} items and up to ${ratings} ratings of a batch; ` +
          `expected at most ${exactBelow} of each, which gpu.js counts exactly`,
      );
    }
    this.#backend = backend;
    this.#shape = shape;
    this.#tileCount = Math.ceil(items.count / tileItems);
    this.#items = backend.allocate(Math.max(1, items.count) * items.rank, items.rank);
    backend.upload(this.#items, 0, packed(items));
    this.#scores = backend.compile(sources.scores);
    this.#tileBests = backend.compile(sources.tileBests);
    this.#pickedScores = backend.compile(sources.pickedScores);
  }

  async run(batch: ScreenBatch): Promise<Uint32Array> {
    const { users, capacity, items } = this.#shape;
    const keptItems = new Uint32Array(users * (capacity + 1));
    if (items.count === 0 || batch.users.count === 0) return keptItems;
    const arrays = this.#upload(batch);
    const usersAtATime = Math.floor(exactBelow / items.count);
    for (let firstUser = 0; firstUser < batch.users.count; firstUser += usersAtATime) {
      const userCount = Math.min(usersAtATime, batch.users.count - firstUser);
      const scores = await this.#scores(
        { length: userCount * items.count },
        { ...arrays, firstUser, itemCount: items.count, rank: items.rank },
      );
      await this.#keep({ scores, firstUser, userCount }, batch, keptItems);
      scores.free();
    }
    for (const array of [arrays.users, arrays.seenOffsets, arrays.seenItems]) array.free();
    return keptItems;
  }

  close(): void {
    this.#backend.close();
  }

  #upload({ users, seenOffsets, seenItems }: ScreenBatch) {
    const upload = (values: Float32Array, rowLength?: number): Resident => {
      const array = this.#backend.allocate(Math.max(1, values.length), rowLength);
      if (values.length > 0) this.#backend.upload(array, 0, values);
      return array;
    };
    const ascending = Float32Array.from(seenItems);
    for (let user = 0; user < users.count; user++) {
      ascending.subarray(seenOffsets[user], seenOffsets[user + 1]).sort();
    }
    return {
      users: upload(packed(users), users.rank),
      items: this.#items,
      seenOffsets: upload(Float32Array.from(seenOffsets.subarray(0, users.count + 1))),
      seenItems: upload(ascending),
    };
  }

  async #keep(scored: Scored, { slacks }: ScreenBatch, keptItems: Uint32Array): Promise<void> {
    const { capacity, count, items } = this.#shape;
    const { firstUser, userCount } = scored;
    const bests = await this.#readBests(scored);
    const tiles: number[][] = [];
    for (let user = 0; user < userCount; user++) {
      const ofUser = bests.subarray(user * this.#tileCount, (user + 1) * this.#tileCount);
      // As many items as tiles reach the count-th best of tiles.
      const bar = highest(ofUser, count) - slacks[firstUser + user]!;
      tiles.push(indicesFrom(ofUser, Math.max(bar, hiddenScore)));
    }
    const picked = await this.#readTiles(scored, tiles);
    let at = 0;
    for (const [user, ofUser] of tiles.entries()) {
      const scores = picked.subarray(at, at + ofUser.length * tileItems);
      at += scores.length;
      // What follows the last item is of another user.
      if (ofUser.at(-1) === this.#tileCount - 1) {
        scores.fill(hiddenScore, scores.length - (this.#tileCount * tileItems - items.count));
      }
      const bar = highest(scores, count) - slacks[firstUser + user]!;
      const kept = indicesFrom(scores, Math.max(bar, hiddenScore)).map(
        (index) => ofUser[Math.floor(index / tileItems)]! * tileItems + (index % tileItems),
      );
      const start = (firstUser + user) * (capacity + 1);
      keptItems[start] = kept.length;
      keptItems.set(kept.slice(0, capacity), start + 1);
    }
  }

  async #readBests({ scores, userCount }: Scored): Promise<Float32Array> {
    const tileCount = this.#tileCount;
    const length = userCount * tileCount;
    const itemCount = this.#shape.items.count;
    return this.#read(length, this.#tileBests({ length }, { scores, itemCount, tileCount }));
  }

  /** The scores of every user's tiles, one tile after the other. */
  async #readTiles({ scores, userCount }: Scored, tiles: number[][]): Promise<Float32Array> {
    const itemCount = this.#shape.items.count;
    const starts = tiles.flatMap((ofUser, user) =>
      ofUser.map((tile) => user * itemCount + tile * tileItems),
    );
    const numbers: Float32Array[] = [];
    const most = exactBelow / tileItems;
    for (let first = 0; first < starts.length; first += most) {
      const some = starts.slice(first, first + most);
      const array = this.#backend.allocate(some.length);
      this.#backend.upload(array, 0, Float32Array.from(some));
      const length = some.length * tileItems;
      const last = userCount * itemCount - 1;
      const result = this.#pickedScores({ length }, { scores, starts: array, last });
      numbers.push(await this.#read(length, result));
      array.free();
    }
    return joined(numbers);
  }

  async #read(length: number, result: Promise<Resident>): Promise<Float32Array> {
    const numbers = new Float32Array(length);
    await this.#backend.read(await result, numbers, signal);
    (await result).free();
    return numbers;
  }
}

function packed({ rows, rank, count, positions }: PackedRows): Float32Array {
  if (positions === undefined) return rows.subarray(0, count * rank);
  const out = new Float32Array(count * rank);
  for (let i = 0; i < count; i++) {
    out.set(rows.subarray(positions[i]! * rank, (positions[i]! + 1) * rank), i * rank);
  }
  return out;
}

/** The count-th highest of some scores, `hiddenScore` if there are fewer. */
function highest(scores: Float32Array, count: number): number {
  return scores.slice().sort().at(-count) ?? hiddenScore;
}

/** Where scores reach the bar and are not hidden. */
function indicesFrom(scores: Float32Array, bar: number): number[] {
  const indices: number[] = [];
  for (let at = 0; at < scores.length; at++) {
    if (scores[at]! >= bar && scores[at]! > hiddenScore) indices.push(at);
  }
  return indices;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
