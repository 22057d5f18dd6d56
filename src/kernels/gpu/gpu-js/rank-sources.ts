import { divide, kernelSource } from './kernel-source.js';

/** Items that have one best score reported for all of them. */
export const tileItems = 64;

/** The score of an item that must not be recommended, below every other. */
export const hiddenScore = -3e38;

/**
 * Scores x·y of users with all items, user by user; one thread a score. What the user rated, ascending
 * in `seenItems`, gets `hiddenScore`.
 */
export const scores = kernelSource(
  'scores',
  ['users', 'items', 'seenOffsets', 'seenItems', 'firstUser', 'itemCount', 'rank'],
  `${divide('this.thread.x', 'itemCount', { quotient: 'user', remainder: 'item' })}
    const end = seenOffsets[user + firstUser + 1];
    let low = seenOffsets[user + firstUser];
    let high = end;
    while (low < high) {
      const middle = low + Math.floor((high - low) * 0.5);
      if (seenItems[middle] < item) { low = middle + 1; } else { high = middle; }
    }
    let score = 0;
    for (let i = 0; i < rank; i++) { score += users[user + firstUser][i] * items[item][i]; }
    if (low < end) {
      if (seenItems[low] === item) { score = ${hiddenScore}; }
    }
    return score;`,
);

/** The best score of every tile of a user's items; one thread a tile. */
export const tileBests = kernelSource(
  'tileBests',
  ['scores', 'itemCount', 'tileCount'],
  `${divide('this.thread.x', 'tileCount', { quotient: 'user', remainder: 'tile' })}
    const first = user * itemCount;
    const end = Math.min(tile * ${tileItems} + ${tileItems}, itemCount);
    let best = ${hiddenScore};
    for (let item = tile * ${tileItems}; item < end; item += 1) {
      best = Math.max(best, scores[first + item]);
    }
    return best;`,
);

/** The scores from every start on, `tileItems` each; one thread a score. */
export const pickedScores = kernelSource(
  'pickedScores',
  ['scores', 'starts', 'last'],
  `${divide('this.thread.x', `${tileItems}`, { quotient: 'pick', remainder: 'item' })}
    return scores[Math.min(starts[pick] + item, last)];`,
);
