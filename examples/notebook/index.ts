import { readFileSync } from 'node:fs';
import { fromRatings, inProcess, paperSettings, train } from 'seesaw';

const notebook = JSON.parse(readFileSync('test/fixtures/notebook-als.json', 'utf8'));
const column = (at: number): number[] => notebook.ratings.map((row: number[]) => row[at]);

const events$ = fromRatings({
  users: column(0),
  items: column(1),
  ratings: column(2),
  userCount: notebook.users,
  itemCount: notebook.items,
}).pipe(
  train({
    rank: 10,
    iterations: 5,
    ...paperSettings,
    regularization: 0.1,
    solver: 'cholesky',
    kernel: 'reference',
    initialFactors: {
      userFactors: Float64Array.from(notebook.X0.flat()),
      itemFactors: Float64Array.from(notebook.Y0.flat()),
    },
    placement: inProcess(),
  }),
);

events$.subscribe((event) => {
  if (event.type === 'iteration') {
    console.log(`iteration ${event.iteration}: RMSE ${event.rmse.toFixed(12)}`);
  }
  if (event.type !== 'finished') return;
  console.log('top 5 for user 0');
  for (const { itemId, score } of event.model.recommend(0, { count: 5 })) {
    console.log(`item ${itemId}: ${score.toFixed(6)}`);
  }
});
