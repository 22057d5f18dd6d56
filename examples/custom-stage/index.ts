import { filter, map, type OperatorFunction, pairwise, pipe } from 'rxjs';
import { fromFile, type Id, type TrainingEvent, train } from 'seesaw';

/** How many of a user's best items an iteration left where they are, and which came in. */
interface ListChange {
  readonly iteration: number;
  readonly kept: number;
  readonly came: readonly Id[];
}

/**
 * Tells from iteration to iteration how a user's list of `count` items changes.
 *
 *     events         --s-p-p-i-p-p-i-p-p-i-f|
 *     listChanges()  --------------c-----c--|
 *
 * Errors of the source pass through. Completes with the source, and unsubscribes from it.
 */
function listChanges(userId: Id, count: number): OperatorFunction<TrainingEvent, ListChange> {
  return pipe(
    filter((event) => event.type === 'iteration'),
    // A copy of the list: the factors behind `model()` are overwritten by the next iteration.
    map(({ iteration, model }) => ({ iteration, list: model().recommend(userId, { count }) })),
    map(({ iteration, list }) => ({ iteration, items: list.map(({ itemId }) => itemId) })),
    pairwise(),
    map(([{ items: before }, { iteration, items }]) => {
      const came = items.filter((itemId) => !before.includes(itemId));
      return { iteration, kept: count - came.length, came };
    }),
  );
}

fromFile('examples/data/movielens-small/ratings.csv')
  .pipe(train({ rank: 32, iterations: 8 }), listChanges(42, 10))
  .subscribe(({ iteration, kept, came }) => {
    const news = came.length === 0 ? 'nothing new' : `new: ${came.join(', ')}`;
    console.log(`iteration ${iteration}: ${kept} of 10 stay, ${news}`);
  });
