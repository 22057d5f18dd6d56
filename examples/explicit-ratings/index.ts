import { evaluate, fromFile, holdout, train } from 'seesaw';

const events$ = fromFile('examples/data/movielens-small/ratings.csv').pipe(
  holdout({ fraction: 0.1, seed: 7 }),
  train({
    feedback: 'explicit',
    rank: 16,
    iterations: 12,
    regularization: 0.1,
    regularizationExponent: 1,
  }),
  evaluate({ k: [], clip: [0.5, 5] }),
);

events$.subscribe((event) => {
  if (event.type === 'evaluation' && event.ratings !== undefined) {
    const { model, itemMean, globalMean } = event.ratings;
    console.log(`RMSE of ${model.count} withheld ratings`);
    console.log('  every rating is the mean of all  ', globalMean.rmse.toFixed(3));
    console.log("  every rating is its film's mean  ", itemMean.rmse.toFixed(3));
    console.log('  ALS with biases, 16 factors      ', model.rmse.toFixed(3));
  }
  if (event.type !== 'finished') return;
  const { model } = event;
  console.log(`mean of all ratings ${model.globalMean.toFixed(3)}`);
  console.log(`user 42 would give film 318 ${model.predict(42, 318).toFixed(2)} stars`);
});
