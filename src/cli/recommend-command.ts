import { type Command, Option } from 'commander';
import { loadModel } from '../model/store/load-model.js';
import { idFromText } from '../ratings/id-from-text.js';
import { UsageError } from './exit-status.js';
import { addNotes } from './help-text.js';
import { collectIds, knownIds } from './ids-flag.js';
import { printItems } from './item-list.js';
import { listFormatOf } from './list-writer.js';
import { parseNumber } from './parse-number.js';
import { recommendToAll } from './recommend-all.js';
import type { RecommendFlags } from './recommend-flags.js';
import { titlesFor } from './titles.js';

const notes = [
  'A file of lists has a row for each item of a list: userId, rank, itemId, score and, where there are titles, title. It replaces the one that lies there when it is whole. --all --json without --output prints the rows.',
];
const examples = [
  'seesaw recommend model --user 42',
  'seesaw recommend model --user 42 --count 5 --titles films.csv',
  'seesaw recommend model --user 42 --explain',
  'seesaw recommend model --user 42 --deny 318,296 --deny 2571 --json',
  'seesaw recommend model --all --output lists.parquet',
  'seesaw recommend model --all --count 100 --output lists.csv --threads 4',
];

/** Adds `seesaw recommend`. */
export function addRecommendCommand(program: Command): void {
  const command = program
    .command('recommend')
    .summary('recommend items to a user of a saved model, or to all of them')
    .description('Recommends items to users that the model was trained on, best first.')
    .argument('<model>', "folder that 'seesaw train' made")
    .option('--user <id>', 'user to recommend to')
    .addOption(new Option('--all', 'to every user').conflicts(['user', 'explain']))
    .option('--output <file>', 'with --all: file for the lists, .csv, .ndjson or .parquet')
    .option('--count <n>', 'length of the list; shorter if fewer items are left', parseNumber, 10)
    .option('--titles <file>', 'titles of the items (default: those that the model keeps)')
    .option('--include-seen', 'also items that the user has rated')
    .option(
      '--allow <ids>',
      'only these items, separated by commas; may be given again',
      collectIds,
    )
    .option(
      '--deny <ids>',
      'none of these items, separated by commas; may be given again',
      collectIds,
    )
    .option(
      '--explain [n]',
      'what n of its ratings add most to each score (default: 3)',
      parseNumber,
    )
    .option('--threads <n>', 'with --all: worker threads (default: one a core)', parseNumber)
    .option('--json', 'print one JSON object a line')
    .option('--quiet', 'no progress')
    .action(runRecommend);
  addNotes(command, notes, examples);
}

async function runRecommend(path: string, flags: RecommendFlags): Promise<void> {
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
