import type { Command } from 'commander';
import { loadModel } from '../io/load-model.js';
import { UsageError } from './exit-status.js';
import { idFromText, idsFromList } from './id-from-text.js';
import { printItems } from './item-list.js';
import { parseNumber } from './parse-number.js';
import { loadTitles, noTitles } from './titles.js';

interface RecommendFlags {
  readonly user: string;
  readonly count: number;
  readonly titles?: string;
  readonly includeSeen?: true;
  readonly allow?: string;
  readonly deny?: string;
  /** How many reasons an item; true without a number. */
  readonly explain?: number | true;
  readonly json?: true;
}

const examples = `
Examples:
  $ seesaw recommend model --user 42
  $ seesaw recommend model --user 42 --titles movies.csv --count 5
  $ seesaw recommend model --user 42 --titles movies.csv --explain
  $ seesaw recommend model --user 42 --deny 318,296 --json`;

/** Adds `seesaw recommend`. */
export function addRecommendCommand(program: Command): void {
  program
    .command('recommend')
    .summary('recommend items to a user of a saved model')
    .description('Recommends items to a user that the model was trained on, best first.')
    .argument('<model>', "folder that 'seesaw train' made")
    .requiredOption('--user <id>', 'user to recommend to')
    .option('--count <n>', 'length of the list; shorter if fewer items are left', parseNumber, 10)
    .option('--titles <file>', 'titles of the items')
    .option('--include-seen', 'also items that the user has rated')
    .option('--allow <ids>', 'only these items, separated by commas')
    .option('--deny <ids>', 'none of these items, separated by commas')
    .option(
      '--explain [n]',
      'what n of its ratings add most to each score (default: 3)',
      parseNumber,
    )
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action(runRecommend);
}

async function runRecommend(path: string, flags: RecommendFlags): Promise<void> {
  const { count, allow, deny } = flags;
  const model = await loadModel(path);
  if (!model.hasSeen && !flags.includeSeen) {
    throw new UsageError(
      'found a model without what users rated, which only the workers that trained it read; ' +
        'expected it, to leave that out; try --include-seen, with what the user knows in --deny',
    );
  }
  const titles = flags.titles === undefined ? noTitles : await loadTitles(flags.titles);
  const user = idFromText(flags.user, model.userIds);
  const items = model.recommend(user, {
    count,
    filterSeen: !flags.includeSeen,
    allow: allow === undefined ? undefined : idsFromList(allow, model.itemIds),
    deny: deny === undefined ? undefined : idsFromList(deny, model.itemIds),
  });
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
