import type { Explanation } from '../model/explain.js';
import type { Recommendation } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { escapeControls } from './escape-controls.js';
import { asFigure } from './figures.js';
import { jsonLine } from './json-line.js';
import type { Titles } from './titles.js';
import { columnsOf, proseColumns, wrapText } from './wrap-text.js';

/** An item to print, with its explanation if requested. */
export interface PrintedItem extends Recommendation {
  readonly explanation?: Explanation;
}

/** Prints items one a line: score, id and title, below it what added to the score; or as JSON. */
export function printItems(items: readonly PrintedItem[], titles: Titles, asJson = false): void {
  const text = asJson
    ? items.map((item) => jsonLine(plainItem(item, titles))).join('')
    : itemsText(items, titles, proseColumns(process.stdout));
  process.stdout.write(text);
}

/** A score, right-aligned with others. */
export function asScore(score: number): string {
  return asFigure(score).padStart(7);
}

/** What stands left of the reasons of an item. */
const reasonIndent = ' '.repeat(9);

/**
 * Items one a line, best first:
 *
 *      1.0384  356   Forrest Gump
 *              of this, for what the user rated:
 *               0.0786  318   Shawshank Redemption, The
 *               0.8205  all other ratings
 *
 * @param columns max columns of a line; `Infinity` keeps every item on one line
 */
export function itemsText(items: readonly PrintedItem[], titles: Titles, columns: number): string {
  const ids = items.flatMap(({ itemId, explanation }) => [
    itemId,
    ...(explanation?.contributions ?? []).map((reason) => reason.itemId),
  ]);
  const idColumns = Math.max(0, ...ids.map((id) => columnsOf(String(id))));
  const line = (amount: number, id: Id, indent: string) => {
    const name = escapeControls(String(id));
    const start = `${indent}${asScore(amount)}  `;
    if (!titles.has(id)) return `${start}${name}\n`;
    const padded = start + name + ' '.repeat(Math.max(0, idColumns - columnsOf(name)) + 2);
    const text = padded + escapeControls(titles.of(id));
    return `${wrapText(text, { columns, indent: columnsOf(padded) })}\n`;
  };
  return items
    .map(({ itemId, score, explanation }) =>
      explanation === undefined
        ? line(score, itemId, '')
        : line(score, itemId, '') + reasonsText(explanation, line),
    )
    .join('');
}

function reasonsText(
  { contributions, others, baseline }: Explanation,
  line: (amount: number, id: Id, indent: string) => string,
): string {
  const sums = [
    [others, 'all other ratings'],
    [baseline, 'without any rating'],
  ] as const;
  return [
    `${reasonIndent}of this, for what the user rated:\n`,
    ...contributions.map(({ itemId, contribution }) => line(contribution, itemId, reasonIndent)),
    ...sums
      .filter(([amount]) => amount !== 0)
      .map(([amount, label]) => `${reasonIndent}${asScore(amount)}  ${label}\n`),
  ].join('');
}

function plainItem({ itemId, score, explanation }: PrintedItem, titles: Titles): object {
  const title = (id: Id) => (titles.has(id) ? { title: titles.of(id) } : {});
  const item = { itemId, score, ...title(itemId) };
  if (explanation === undefined) return item;
  const { score: exactScore, baseline, contributions, others } = explanation;
  const because = contributions.map((reason) => ({ ...reason, ...title(reason.itemId) }));
  return { ...item, exactScore, baseline, because, others };
}
