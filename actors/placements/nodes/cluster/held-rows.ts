import type { RowTable } from '../protocol/row-piece.js';
import type { RowSelection } from '../protocol/row-selection.js';

/** The rows of a block in a table. */
export interface Stretch {
  readonly table: RowTable;
  /** Number of the block among its side's; 0 of a Gram matrix. */
  readonly block: number;
}

/** A name for a stretch that no other stretch of its job has. */
export function stretchName({ table, block }: Stretch): string {
  return `${tableName(table)}.${block}`;
}

function tableName({ type, side, generation }: RowTable): string {
  return `${type}.${side}.${generation}`;
}

/** Which rows a node has, or is being sent. */
export class HeldRows {
  readonly #held = new Map<string, { readonly choice: RowSelection; readonly arriving: unknown }>();

  /** The rows that it has of a stretch. */
  choiceOf(stretch: Stretch): RowSelection {
    return this.#held.get(stretchName(stretch))?.choice ?? 0;
  }

  /**
   * Notes more rows.
   *
   * @param arriving does not reject; left out if they are there already
   */
  add(stretch: Stretch, choice: RowSelection, arriving?: Promise<unknown>): void {
    const before = this.#held.get(stretchName(stretch));
    this.#held.set(stretchName(stretch), {
      choice: before === undefined ? choice : union(before.choice, choice),
      arriving: Promise.all([before?.arriving, arriving]),
    });
  }

  /** Resolves when the rows of these stretches that are under way now have arrived. */
  async arrived(stretches: readonly Stretch[]): Promise<void> {
    await Promise.all(stretches.map((each) => this.#held.get(stretchName(each))?.arriving));
  }

  /** Forgets everything: other rows have come to be where these were copied from. */
  forgetAll(): void {
    this.#held.clear();
  }

  /** Forgets all tables but these. */
  keepOnly(tables: readonly RowTable[]): void {
    const kept = new Set(tables.map(tableName));
    for (const name of this.#held.keys()) {
      if (!kept.has(name.slice(0, name.lastIndexOf('.')))) this.#held.delete(name);
    }
  }
}

function union(a: RowSelection, b: RowSelection): RowSelection {
  return a === 'all' || b === 'all' ? 'all' : (a | b) >>> 0;
}
