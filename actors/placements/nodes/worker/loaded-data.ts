import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { JobShape, LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { dataName, type JobData, rangesOf } from '../protocol/job-data.js';
import type { Objects } from '../transport/objects.js';
import { checkData } from './check-data.js';
import type { HostedParts } from './hosted-parts.js';
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

/** The data of a job that a node has. None count before they are checked. */
export class LoadedData {
  readonly #settings: LoadedPartsSettings;
  readonly #names = new Set<string>();
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

  /** Copies data that the supervisor has sent. Rejects if they may not come now, or are wrong. */
  async load(data: JobData, object: string, digest: string): Promise<void> {
    const { shape, objects } = this.#settings;
    this.#checkLoad(data);
    this.#names.delete(dataName(data));
    const draft = this.#draftFor(data);
    await objects.get(object, draft.memory.buffer, rangesOf(draft, data), digest);
    checkData(draft, shape, data);
    this.#add(data);
  }

  /** Reads the ratings of a block. Rejects if they may not come now, or are wrong. */
  async read(side: Side, block: number): Promise<void> {
    const { shape, reader } = this.#settings;
    const data = { type: 'ratings', side, block } as const;
    this.#checkLoad(data);
    if (reader === undefined) throw new InvalidMessageError('read', 'load: the job has no source');
    const draft = this.#draftFor(data);
    await readBlock(reader, draft, data, shape[side].blockStarts[block]!);
    checkData(draft, shape, data);
    this.#add(data);
  }

  /** Makes room for the ratings of blocks that become a part. Throws if they may not come now. */
  hold(side: Side, blocks: readonly number[]): void {
    const { parts } = this.#settings;
    if (parts === undefined) throw new InvalidMessageError('hold', 'load: the job is whole here');
    for (const block of blocks) this.#checkLoad({ type: 'ratings', side, block });
    this.fixRows();
    parts.hold(side, blocks);
  }

  /** Throws `InvalidMessageError` if data are not there. */
  expect(data: JobData): void {
    if (this.#names.has(dataName(data))) return;
    throw new InvalidMessageError(`no ${dataName(data)}`, 'them before what needs them');
  }

  /** Throws `InvalidMessageError` if a side has no such block. */
  checkBlock(side: Side, block: number): void {
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
      this.checkBlock(data.side, data.block);
      this.expect({ type: 'rows', side: data.side });
    }
    if (data.type === 'rows' && this.#areRowsFixed) {
      throw new InvalidMessageError('rows after the first task', 'rows before it');
    }
  }
}
