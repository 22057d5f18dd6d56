import { fromFile, gridSearch, holdout } from 'seesaw';

const search$ = fromFile('examples/data/movielens-small/ratings.csv').pipe(
  holdout({ fraction: 0.1, seed: 7 }),
  gridSearch({
    options: { rank: [16, 48], regularization: [0.003, 0.03], iterations: 5 },
    metric: 'ndcg@20',
    concurrency: 2,
  }),
);

search$.subscribe((event) => {
  if (event.type === 'search-started') console.log(`${event.trials} trials`);
  if (event.type !== 'finished') return;
  for (const { trial, options, score } of event.trials) {
    const { rank, regularization } = options;
    console.log(`ndcg@20 ${score.toFixed(3)}  trial ${trial}: rank ${rank}, λ ${regularization}`);
  }
  const recommended = event.model?.recommend(42, { count: 3 }).map(({ itemId }) => itemId);
  console.log(`the best model recommends films ${recommended?.join(', ')} to user 42`);
});
