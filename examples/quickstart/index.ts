import { evaluate, fromFile, holdout, train } from 'seesaw';

const events$ = fromFile('examples/data/movielens-small/ratings.csv').pipe(
  holdout({ fraction: 0.1, seed: 7 }),
  train({ rank: 32, iterations: 5 }),
  evaluate({ k: 20 }),
);

events$.subscribe((event) => {
  if (event.type === 'iteration') console.log('NDCG@20', event.validation?.['ndcg@20']?.toFixed(3));
  if (event.type === 'evaluation') console.log('recall@20', event.model['recall@20'].toFixed(2));
  if (event.type !== 'finished') return;
  for (const { itemId, score } of event.model.recommend(42, { count: 3 })) {
    console.log('movie', itemId, 'score', score.toFixed(2));
  }
});
