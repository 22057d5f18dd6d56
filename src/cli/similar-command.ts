import type { FactorModel } from '../model/factor-model.js';
import { loadModel } from '../model/store/load-model.js';
import { idFromText } from '../ratings/id-from-text.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { escapeControls } from './escape-controls.js';
import { UsageError } from './exit-status.js';
import { asScore, printItems } from './item-list.js';
import { jsonLine } from './json-line.js';
import { itemPopularity } from './showcase.js';
import type { SimilarFlags } from './similar-flags.js';
import { type Titles, titlesFor } from './titles.js';

/** Runs `seesaw similar`. */
export async function runSimilar(path: string, flags: SimilarFlags): Promise<void> {
  const { item, title, user, count, json } = flags;
  if (item === undefined && title === undefined && user === undefined) {
    throw new UsageError('found nothing to compare with; expected --item, --title or --user');
  }
  const model = await loadModel(path);
  if (user !== undefined) {
    const users = model.similarUsers(idFromText(user, model.userIds), { count });
    const line = ({ userId, score }: (typeof users)[number]) =>
      json ? jsonLine({ userId, score }) : `${asScore(score)}  ${escapeControls(String(userId))}\n`;
    process.stdout.write(users.map(line).join(''));
    return;
  }
  const titles = await titlesFor(model, flags.titles);
  if (title !== undefined && titles.source === undefined) {
    throw new UsageError(
      'found --title and a model that keeps no titles; expected titles; try --titles with a file of them',
    );
  }
  const itemId =
    item === undefined ? itemTitled(title!, model, titles) : idFromText(item, model.itemIds);
  if (!json && titles.has(itemId))
    process.stdout.write(`most similar to ${escapeControls(titles.of(itemId))}:\n`);
  printItems(model.similarItems(itemId, { count }), titles, json);
}

/** The most rated item with this title, else the most rated item whose title contains it. */
function itemTitled(text: string, model: FactorModel, titles: Titles): Id {
  const wanted = text.toLowerCase();
  const counts = itemPopularity(model);
  const maxRated = (fits: (title: string) => boolean): number | undefined =>
    model.itemIds
      .map((_, position) => position)
      .filter((position) => fits(titles.of(model.itemIds[position]!).toLowerCase()))
      .sort((a, b) => counts[b]! - counts[a]! || a - b)[0];
  const position =
    maxRated((title) => title === wanted) ?? maxRated((title) => title.includes(wanted));
  if (position !== undefined) return model.itemIds[position]!;
  throw new Error(
    `found no item with ${JSON.stringify(text)} in its title; expected one in ${titles.source}; ` +
      'try fewer letters, or --item with an id',
  );
}
