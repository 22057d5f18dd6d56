import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { JobShape, LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { dataName, type JobData, rangesOf } from '../protocol/job-data.js';
import type { Fetch, NodeAnswer, NodeCommand } from '../protocol/messages.js';
import type { Objects } from '../transport/objects.js';
import { checkData } from './check-data.js';
import type { HostedParts } from './hosted-parts.js';
import { NeededRows } from './needed-rows.js';
import { readBlock } from './read-block.js';

/** Where data come from, and where they go. */
export interface LoadedPartsSettings {
  readonly draft: LayoutDraft;
  readonly shape: JobShape;
  /** What the supervisor sends. */
  readonly objects: Objects;
  /** What this node reads itself, if the shape has a source. */
  readonly reader: RatingsReader | undefined;
  /** The parts, where the node does not hold the whole job. */
  readonly parts?: HostedParts | undefined;
}

/** Commands about data, of which none is done twice. */
export type DataCommand = Extract<NodeCommand, { type: 'load' | 'hold' | 'read' }>;

/** The data of a job that a node has. None count before they are checked. */
export class LoadedData {
  readonly #settings: LoadedPartsSettings;
  readonly #names = new Set<string>();
  readonly #needed = new NeededRows();
  #areRowsFixed = false;

  constructor(settings: LoadedPartsSettings) {
    this.#settings = settings;
  }

  /**
   * Takes no rows from now on: the size of scratch memory follows from those that are known now.
   */
  fixRows(): void {
    this.#areRowsFixed = true;
  }

  /** Does a command and resolves with its answer. Rejects if it may not come now, or the data are wrong. */
  async take(command: DataCommand): Promise<NodeAnswer> {
    const { type, number } = command;
    switch (type) {
      case 'hold':
        this.#hold(command.side, command.blocks);
        return { type: 'loaded', number };
      case 'load':
        await this.#load(command.data, command.object, command.digest);
        return { type: 'loaded', number };
      case 'read':
        return { type, number, needed: await this.#read(number, command.side, command.block) };
      default:
        return type satisfies never;
    }
  }

  /** Some of what `read` has left to be fetched; undefined if it is not that command's number. */
  fetch(request: Fetch): Uint8Array | undefined {
    return this.#needed.fetch(request);
  }

  /** Throws `InvalidMessageError` if what a task reads is not there. */
  expectFor({ kind, side, block }: BlockTask): void {
    this.#checkBlock(side, block);
    for (const each of ['user', 'item'] as const) this.#expect({ type: 'rows', side: each });
    if (kind === 'gram') return;
    this.#expect({ type: 'ratings', side, block });
    this.#needed.forget(side, block);
  }

  /** Copies data that the supervisor has sent. */
  async #load(data: JobData, object: string, digest: string): Promise<void> {
    const { shape, objects } = this.#settings;
    this.#checkLoad(data);
    this.#names.delete(dataName(data));
    const draft = this.#draftFor(data);
    await objects.get(object, draft.memory.buffer, rangesOf(draft, data), digest);
    checkData(draft, shape, data);
    this.#add(data);
  }

  /**
   * Reads the ratings of a block.
   *
   * @param number of the command
   * @returns a bit for each row of the other side, whether the block needs it; nothing if they are to be
   *   fetched
   */
  async #read(number: number, side: Side, block: number): Promise<Uint8Array> {
    const { shape, reader } = this.#settings;
    const data = { type: 'ratings', side, block } as const;
    this.#checkLoad(data);
    if (reader === undefined) throw new InvalidMessageError('read', 'load: the job has no source');
    const draft = this.#draftFor(data);
    await readBlock(reader, draft, data, shape[side].blockStarts[block]!);
    checkData(draft, shape, data);
    const needed = this.#needed.add(number, draft, side, block);
    this.#add(data);
    return needed;
  }

  /** Makes room for the ratings of blocks that become a part. */
  #hold(side: Side, blocks: readonly number[]): void {
    const { parts } = this.#settings;
    if (parts === undefined) throw new InvalidMessageError('hold', 'load: the job is whole here');
    for (const block of blocks) this.#checkLoad({ type: 'ratings', side, block });
    this.fixRows();
    parts.hold(side, blocks);
  }

  /** Throws `InvalidMessageError` if data are not there. */
  #expect(data: JobData): void {
    if (this.#names.has(dataName(data))) return;
    throw new InvalidMessageError(`no ${dataName(data)}`, 'them before what needs them');
  }

  /** Throws `InvalidMessageError` if a side has no such block. */
  #checkBlock(side: Side, block: number): void {
    const blockCount = this.#settings.shape[side].blockStarts.length - 1;
    if (block < blockCount) return;
    throw new InvalidMessageError(`${side} block ${block}`, `a block below ${blockCount}`);
  }

  /** Where data go. */
  #draftFor(data: JobData): LayoutDraft {
    const { draft, parts } = this.#settings;
    return parts && data.type === 'ratings' ? parts.draftOf(data.side, data.block) : draft;
  }

  #add(data: JobData): void {
    if (data.type === 'ratings') this.#settings.parts?.filled(data.side, data.block);
    this.#names.add(dataName(data));
  }

  #checkLoad(data: JobData): void {
    if (data.type === 'ratings') {
      this.#checkBlock(data.side, data.block);
      this.#expect({ type: 'rows', side: data.side });
    }
    if (data.type === 'rows' && this.#areRowsFixed) {
      throw new InvalidMessageError('rows after the first task', 'rows before it');
    }
  }
}
