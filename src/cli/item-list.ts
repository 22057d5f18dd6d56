import type { Explanation } from '../model/explain.js';
import type { Recommendation } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { escapeControls } from './escape-controls.js';
import { jsonLine } from './json-line.js';
import type { Titles } from './titles.js';

/** An item to print, and why it is there if that was asked for. */
export interface ListedItem extends Recommendation {
  readonly explanation?: Explanation;
}

/** Prints items one a line: score, id and title, below it what added to the score; or as JSON. */
export function printItems(items: readonly ListedItem[], titles: Titles, asJson = false): void {
  const idColumns = items.reduce((most, { itemId }) => Math.max(most, String(itemId).length), 0);
  const lines = items.map((item) =>
    asJson ? jsonLine(plainItem(item, titles)) : textOf(item, titles, idColumns),
  );
  process.stdout.write(lines.join(''));
}

function textOf({ itemId, score, explanation }: ListedItem, titles: Titles, columns: number) {
  const line = (amount: number, id: Id, indent: string) => {
    const text = escapeControls(String(id));
    const name = titles.has(id)
      ? `${text.padEnd(columns)}  ${escapeControls(titles.of(id))}`
      : text;
    return `${indent}${amount.toFixed(4).padStart(7)}  ${name}\n`;
  };
  const reasons = (explanation?.contributions ?? []).map(({ itemId, contribution }) =>
    line(contribution, itemId, '         '),
  );
  return line(score, itemId, '') + reasons.join('');
}

function plainItem({ itemId, score, explanation }: ListedItem, titles: Titles): object {
  const title = (id: Id) => (titles.has(id) ? { title: titles.of(id) } : {});
  const item = { itemId, score, ...title(itemId) };
  if (explanation === undefined) return item;
  const { score: exactScore, baseline, contributions, others } = explanation;
  const because = contributions.map((reason) => ({ ...reason, ...title(reason.itemId) }));
  return { ...item, exactScore, baseline, because, others };
}
