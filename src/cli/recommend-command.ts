import { loadModel } from '../model/store/load-model.js';
import { idFromText } from '../ratings/id-from-text.js';
import { UsageError } from './exit-status.js';
import { knownIds } from './ids-flag.js';
import { printItems } from './item-list.js';
import { listFormatOf } from './list-writer.js';
import { recommendToAll } from './recommend-all.js';
import type { RecommendFlags } from './recommend-flags.js';
import { titlesFor } from './titles.js';

/** Runs `seesaw recommend`. */
export async function runRecommend(path: string, flags: RecommendFlags): Promise<void> {
  checkWhom(flags);
  const { count } = flags;
  const model = await loadModel(path);
  if (!model.hasSeen && !flags.includeSeen) {
    throw new UsageError(
      'found a model without what users rated, which only the workers that trained it read; ' +
        'expected it, to leave that out; try --include-seen, with what the user knows in --deny',
    );
  }
  const titles = await titlesFor(model, flags.titles);
  const options = {
    count,
    filterSeen: !flags.includeSeen,
    allow: knownIds('--allow', flags.allow, model.itemIds),
    deny: knownIds('--deny', flags.deny, model.itemIds),
  };
  if (flags.user === undefined) return recommendToAll(model, titles, options, flags);
  const user = idFromText(flags.user, model.userIds);
  const items = model.recommend(user, options);
  const reasons = flags.explain === true ? 3 : flags.explain;
  const listed =
    reasons === undefined
      ? items
      : items.map((item) => ({
          ...item,
          explanation: model.explain(user, item.itemId, { count: reasons }),
        }));
  printItems(listed, titles, flags.json);
}

/** Throws `UsageError` unless the flags say which users get lists, and where lists for all go. */
function checkWhom({ user, all, output, threads, json }: RecommendFlags): void {
  if (user === undefined && !all) {
    throw new UsageError('found no user to recommend to; expected --user or --all');
  }
  if (user !== undefined && (output !== undefined || threads !== undefined)) {
    const found = output === undefined ? '--threads' : '--output';
    throw new UsageError(`found ${found} with --user; expected it with --all`);
  }
  if (all && output === undefined && !json) {
    throw new UsageError(
      'found --all and no file for the lists; expected one; try --output lists.csv, or --json',
    );
  }
  if (output !== undefined) listFormatOf(output);
}
