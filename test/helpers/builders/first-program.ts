/** The program that a new user writes first. */
export const firstProgram = `
import { fromRatings, holdout, train, threads, loadModel } from 'seesaw';

const rows = Array.from({ length: 400 }, (_, n) => ({ user: 'u' + (n % 40), item: 'i' + ((n * 7) % 31), rating: 1 + (n % 5) }));
fromRatings(rows)
  .pipe(holdout({ fraction: 0.1, seed: 7 }), train({ rank: 8, iterations: 3, placement: threads(2) }))
  .subscribe(async (event) => {
    if (event.type !== 'finished') return;
    await event.model.save('model');
    const model = await loadModel('model');
    console.log(JSON.stringify(model.recommend('u1', { count: 3 })));
  });
`;
