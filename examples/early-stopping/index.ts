import { evaluate, fromFile, holdout, train, untilNoImprovement } from 'seesaw';

const events$ = fromFile('examples/data/movielens-small/ratings.csv').pipe(
  holdout({ fraction: 0.1, seed: 7 }),
  train({
    feedback: 'explicit',
    rank: 16,
    iterations: 100,
    regularization: 0.07,
    regularizationExponent: 1,
  }),
  untilNoImprovement({ metric: 'rmse', patience: 3 }),
  evaluate({ k: [] }),
);

events$.subscribe((event) => {
  if (event.type === 'iteration') {
    const { iteration, rmse, validation } = event;
    console.log(
      `iteration ${iteration}: RMSE ${rmse.toFixed(3)}, withheld ${validation?.rmse.toFixed(3)}`,
    );
  }
  if (event.type === 'evaluation') {
    console.log(`RMSE of the model that is kept: ${event.ratings?.model.rmse.toFixed(3)}`);
  }
  if (event.type === 'finished') console.log(`it is that of iteration ${event.iterations}`);
});
