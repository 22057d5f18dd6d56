import { asError } from '../../actors/as-error.js';
import { asFigure, asSeconds } from './figures.js';
import { flagOf, inFlags } from './in-flags.js';
import { asFlags, leaderboardTable, type ShownTrial } from './leaderboard-table.js';
import { liveLog } from './live-log.js';
import { paintFor } from './paint.js';
import type { SearchNews, SearchPlan } from './search-plan.js';
import { progressBar } from './training-view.js';
import { wrapText } from './wrap-text.js';

/** Shows people how far a search is. */
export interface SearchProgress {
  event(event: SearchNews): void;
  /** Leaves the terminal to others until the next event. */
  pause(): void;
}

/** A leaderboard that redraws in place on a terminal, else a line a trial, else nothing. */
export function searchProgressOn(
  stream: NodeJS.WriteStream,
  plan: SearchPlan,
  isQuiet: boolean,
): SearchProgress {
  if (isQuiet) return { event() {}, pause() {} };
  return stream.isTTY && process.env.TERM !== 'dumb'
    ? liveBoard(stream, plan)
    : plainLines(stream, plan);
}

function plainLines(stream: NodeJS.WriteStream, { varied, metric }: SearchPlan): SearchProgress {
  let trials = 0;
  return {
    event(event) {
      if (event.type === 'search-started') trials = event.trials;
      if (event.type === 'trial-finished') {
        const { trial, options, score, seconds, best } = event;
        const cells = [
          `trial ${trial}/${trials}`,
          ...varied.map((name) => `${flagOf(name).slice(2)} ${options[name]}`),
          `${metric} ${asFigure(score)}`,
          asSeconds(seconds),
          ...(best.trial === trial ? ['best so far'] : []),
        ];
        stream.write(`${cells.join('  ')}\n`);
      }
      if (event.type === 'trial-failed') {
        const { trial, options, error } = event;
        const message = inFlags(asError(error).message);
        stream.write(`trial ${trial}/${trials} failed (${asFlags(options, varied)}): ${message}\n`);
      }
    },
    pause() {},
  };
}

/** Lines of the leaderboard that are drawn. */
const maxLines = 10;

/**
 *     trial       4/9 ━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 12.4 s left
 *
 *         ndcg@20  rank  regularization  trained in
 *     1.   0.2543    64              10     1.24 s
 */
function liveBoard(stream: NodeJS.WriteStream, { varied, metric }: SearchPlan): SearchProgress {
  const log = liveLog(stream);
  const paint = paintFor(stream);
  const board: ShownTrial[] = [];
  /** Completed share of the running trials, by number. */
  const underWay = new Map<number, { readonly share: number; readonly iterations: number }>();
  let [trials, done, began] = [0, 0, 0];
  /** Until a trial starts, other words are on the terminal. */
  let hasBegun = false;
  let isLowerBetter = false;

  const columnsNow = () => (stream.columns || 80) - 1;
  const persistFailure = ({
    options,
    error,
  }: {
    options: ShownTrial['options'];
    error: unknown;
  }) => {
    const text = `failed: ${asFlags(options, varied)}: ${inFlags(asError(error).message)}`;
    const lines = wrapText(text, { columns: columnsNow(), indent: 2 }).split('\n');
    for (const line of lines) log.persist(paint('yellow', line));
  };

  const draw = () => {
    const columns = Math.min(100, columnsNow());
    const running = [...underWay.values()].reduce((sum, { share }) => sum + share, 0);
    const share = Math.min(1, (done + running) / trials);
    const secondsLeft = ((performance.now() - began) / 1000) * (1 / share - 1);
    const note = share === 0 || share === 1 ? '' : `${asSeconds(secondsLeft)} left`;
    const count = `${done}/${trials}`;
    const bar = progressBar(share, columns - 12 - count.length - note.length - 2, paint);
    const lines = [
      `${paint('dim', 'trials'.padEnd(12))}${count} ${bar} ${paint('dim', note)}`,
      ...(board.length > 0 ? [''] : []),
      ...(board.length > 0
        ? leaderboardTable(board.slice(0, maxLines), varied, metric, columns)
        : []),
    ];
    log.draw(`\n${lines.join('\n')}`);
  };

  return {
    event(event) {
      switch (event.type) {
        case 'search-started':
          trials = event.trials;
          began = performance.now();
          isLowerBetter = event.metric === 'rmse' || event.metric === 'mae';
          break;
        case 'trial': {
          const { trial, event: inner } = event;
          if (inner.type === 'started') {
            hasBegun = true;
            underWay.set(trial, { share: 0, iterations: inner.iterations });
          }
          const known = underWay.get(trial);
          if (inner.type !== 'iteration' || known === undefined) return;
          underWay.set(trial, { ...known, share: inner.iteration / (known.iterations + 1) });
          break;
        }
        case 'trial-finished': {
          const sign = isLowerBetter ? 1 : -1;
          board.push(event);
          board.sort((a, b) => sign * (a.score - b.score) || a.trial - b.trial);
          underWay.delete(event.trial);
          done++;
          break;
        }
        case 'trial-failed':
          persistFailure(event);
          underWay.delete(event.trial);
          done++;
      }
      if (hasBegun) draw();
    },
    pause() {
      log.clear();
      log.done();
    },
  };
}
