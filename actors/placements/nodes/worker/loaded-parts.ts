import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { JobShape, LayoutDraft } from '../../../../src/kernels/job-layout.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { type Part, partName, rangesOf } from '../protocol/parts.js';
import type { Objects } from '../transport/objects.js';
import { checkPart } from './check-part.js';
import { readBlock } from './read-block.js';

/** Where parts come from, and where they go. */
export interface LoadedPartsSettings {
  readonly draft: LayoutDraft;
  readonly shape: JobShape;
  /** What the supervisor sends. */
  readonly objects: Objects;
  /** What this node reads itself, if the shape has a source. */
  readonly reader: RatingsReader | undefined;
}

/** The parts of a job that a node has. None counts before it has been checked. */
export class LoadedParts {
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

  /** Copies a part that the supervisor has sent. Rejects if it may not come now, or is wrong. */
  async load(part: Part, object: string, digest: string): Promise<void> {
    const { draft, shape, objects } = this.#settings;
    this.#checkLoad(part);
    this.#names.delete(partName(part));
    await objects.get(object, draft.memory.buffer, rangesOf(draft, part), digest);
    checkPart(draft, shape, part);
    this.#names.add(partName(part));
  }

  /** Reads the ratings of a block. Rejects if they may not come now, or are wrong. */
  async read(side: Side, block: number): Promise<void> {
    const { draft, shape, reader } = this.#settings;
    const part = { type: 'ratings', side, block } as const;
    this.#checkLoad(part);
    if (reader === undefined) throw new InvalidMessageError('read', 'load: the job has no source');
    await readBlock(reader, draft, part);
    checkPart(draft, shape, part);
    this.#names.add(partName(part));
  }

  /** Throws `InvalidMessageError` if a part is not there. */
  expect(part: Part): void {
    if (this.#names.has(partName(part))) return;
    throw new InvalidMessageError(`no ${partName(part)}`, 'them before what needs them');
  }

  /** Throws `InvalidMessageError` if a side has no such block. */
  checkBlock(side: Side, block: number): void {
    const blockCount = this.#settings.shape[side].blockStarts.length - 1;
    if (block < blockCount) return;
    throw new InvalidMessageError(`${side} block ${block}`, `a block below ${blockCount}`);
  }

  #checkLoad(part: Part): void {
    if (part.type === 'ratings') {
      this.checkBlock(part.side, part.block);
      this.expect({ type: 'rows', side: part.side });
    }
    if (part.type === 'rows' && this.#areRowsFixed) {
      throw new InvalidMessageError('rows after the first task', 'rows before it');
    }
  }
}
