import { HashTable, mixed } from './hash-table.js';
import type { Id, IdVocabulary } from './id-vocabulary.js';

/** Numbers as ids are held: 4 bytes each, or 8. */
export type IdNumbers = Int32Array | Float64Array;

/**
 * Ids that are numbers, in a typed array. The table for `positionOf`, 6 bytes an id, is built at its
 * first use.
 */
export class NumberIds implements IdVocabulary {
  readonly size: number;
  readonly #numbers: IdNumbers;
  #table: NumberTable | undefined;

  /** @param numbers distinct and finite; given away; position 0 is the first */
  constructor(numbers: IdNumbers) {
    this.size = numbers.length;
    this.#numbers = numbers;
  }

  at(position: number): number {
    return this.#numbers[position]!;
  }

  positionOf(id: Id): number | undefined {
    return typeof id === 'number' ? this.#lookup().find(id) : undefined;
  }

  /** A position whose id is at an earlier one too, where ids are not distinct after all. */
  get repeated(): number | undefined {
    return this.#lookup().repeated;
  }

  #lookup(): NumberTable {
    this.#table ??= new NumberTable(this.#numbers);
    return this.#table;
  }
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

class NumberTable extends HashTable {
  readonly #numbers: IdNumbers;
  #sought = 0;

  constructor(numbers: IdNumbers) {
    super(numbers.length);
    this.#numbers = numbers;
    for (let index = 0; index < numbers.length; index++) {
      this.add(this.#seek(numbers[index]!), index);
    }
  }

  find(number: number): number | undefined {
    return this.lookUp(this.#seek(number));
  }

  protected isSought(index: number): boolean {
    return this.#numbers[index] === this.#sought;
  }

  #seek(number: number): number {
    this.#sought = number;
    // −0 equals 0, so they have one hash.
    double[0] = number + 0;
    return mixed(mixed(words[0]! ^ this.seed) ^ words[1]!);
  }
}
