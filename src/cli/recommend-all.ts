import { once } from 'node:events';
import { inProcess } from '../../actors/placements/in-process.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { rankedBlocks, windowsFor } from '../../actors/ranking-run.js';
import type { FactorModel } from '../model/factor-model.js';
import type { RecommendOptions, UserRecommendations } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { asSeconds, counted } from './figures.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { type ListRow, listFormatOf, writeLists } from './list-writer.js';
import { progressOn } from './progress.js';
import type { Progress } from './progress-view.js';
import type { RecommendFlags } from './recommend-flags.js';
import type { Titles } from './titles.js';

/** Users between two reports of progress. */
const reportEvery = 1000;

/**
 * Makes the lists of all users and writes them into a file, or prints their rows as JSON, as they come:
 * memory does not grow with the users. Rejects with an `Interruption` when stopped.
 */
export async function recommendToAll(
  model: FactorModel,
  titles: Titles,
  options: RecommendOptions,
  { output, threads: threadCount, json, quiet }: RecommendFlags,
): Promise<void> {
  const stopped = interruptions();
  const progress = progressOn(process.stderr, json === true || quiet === true);
  const placement = threadCount === 0 ? inProcess() : threads(threadCount);
  const begunAt = performance.now();
  const blocks = rowBlocks(model, titles, options, placement, progress, stopped);
  try {
    if (output === undefined) return await printRows(blocks, stopped);
    const format = listFormatOf(output);
    const columns = {
      userId: columnOf(model.userIds),
      itemId: columnOf(model.itemIds),
      hasTitles: titles.source !== undefined,
    };
    const rows = await writeLists(output, format, columns, blocks, stopped);
    progress.pause();
    const users = model.userIds.length;
    const seconds = (performance.now() - begunAt) / 1000;
    const text = `lists of ${counted(users, 'user')}, ${counted(rows, 'row')}, in ${output} after ${asSeconds(seconds)}\n`;
    process.stdout.write(
      json ? jsonLine({ type: 'lists', path: output, format, users, rows, seconds }) : text,
    );
  } finally {
    progress.pause();
  }
}

async function printRows(
  blocks: AsyncIterable<readonly ListRow[]>,
  stopped: AbortSignal,
): Promise<void> {
  for await (const rows of blocks) {
    if (process.stdout.write(rows.map(jsonLine).join(''))) continue;
    await once(process.stdout, 'drain').catch((error) => {
      // The reader went away.
      stopped.throwIfAborted();
      throw error;
    });
  }
}

/** The rows of a block of users at a time. Leaving early ends all threads. */
async function* rowBlocks(
  model: FactorModel,
  titles: Titles,
  options: RecommendOptions,
  placement: Placement,
  progress: Progress,
  stopped: AbortSignal,
): AsyncGenerator<ListRow[]> {
  const room = { slots: placement.slots, windows: windowsFor(placement) };
  const job = model.prepareRanking(options, room);
  const stop = () => job.stop();
  stopped.addEventListener('abort', stop);
  let done = 0;
  try {
    for await (const lists of rankedBlocks(job, placement)) {
      stopped.throwIfAborted();
      yield lists.flatMap((list) => rowsOf(list, titles));
      const before = done;
      done += lists.length;
      if (Math.floor(done / reportEvery) > Math.floor(before / reportEvery)) {
        progress.begin(`lists of ${done} of ${counted(model.userIds.length, 'user')}`);
      }
    }
  } finally {
    stopped.removeEventListener('abort', stop);
  }
}

function rowsOf({ userId, recommendations }: UserRecommendations, titles: Titles): ListRow[] {
  return recommendations.map(({ itemId, score }, i) => ({
    ...{ userId, rank: i + 1, itemId, score },
    ...(titles.source !== undefined && { title: titles.of(itemId) }),
  }));
}

/** What holds all ids of a side. */
function columnOf(ids: readonly Id[]): 'BIGINT' | 'VARCHAR' {
  const isWhole = (id: Id) =>
    typeof id === 'number'
      ? Number.isSafeInteger(id)
      : typeof id === 'bigint' && BigInt.asIntN(64, id) === id;
  return ids.every(isWhole) ? 'BIGINT' : 'VARCHAR';
}
