import type { Id, IdVocabulary } from './id-vocabulary.js';
import type { PackedTexts } from './packed-texts.js';
import { TextTable } from './text-table.js';

/** Positions whose strings stay once they were made; the first ids of a source are the popular ones. */
const keptStrings = 2 ** 15;

/**
 * Ids that are text, in one buffer: 4 bytes an id and its UTF-8. Strings are made when they are asked
 * for; those of the first 32,768 positions are kept, because lists name them again and again. The
 * table for `positionOf`, 6 bytes an id, is built at its first use, so training never pays for it.
 */
export class TextIds implements IdVocabulary {
  readonly size: number;
  readonly texts: PackedTexts;
  readonly #strings: (string | undefined)[];
  #table: TextTable | undefined;

  /** @param texts distinct; position 0 is the first */
  constructor(texts: PackedTexts) {
    this.texts = texts;
    this.size = texts.length;
    this.#strings = new Array(Math.min(texts.length, keptStrings));
  }

  at(position: number): string {
    const known = this.#strings[position];
    if (known !== undefined) return known;
    const text = this.texts.at(position);
    if (text !== undefined && position < this.#strings.length) this.#strings[position] = text;
    return text!;
  }

  positionOf(id: Id): number | undefined {
    return typeof id === 'string' ? this.#lookup().find(id) : undefined;
  }

  /** A position whose id is at an earlier one too, where ids are not distinct after all. */
  get repeated(): number | undefined {
    return this.#lookup().repeated;
  }

  #lookup(): TextTable {
    this.#table ??= new TextTable(this.texts);
    return this.#table;
  }
}
