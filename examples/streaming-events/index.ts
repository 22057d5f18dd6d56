import { filter, interval, map, take, VirtualTimeScheduler } from 'rxjs';
import { collect, inProcess, train } from 'seesaw';

const kitchen = ['knife', 'ladle', 'pan', 'pot', 'sieve', 'whisk'];
const garden = ['gloves', 'hose', 'rake', 'seeds', 'shears', 'spade'];

/** What happens in second n. After three minutes ann, visitor 0, takes to gardening. */
function visit(n: number) {
  const visitor = n % 10;
  const isCook = visitor === 0 ? n < 180 : visitor % 2 === 0;
  const item = (isCook ? kitchen : garden)[((n * n) % 37) % 6]!;
  const user = visitor === 0 ? 'ann' : `visitor ${visitor}`;
  return { user, item, event: n % 3 === 0 ? 'purchase' : 'view' };
}

// Six minutes in no time; without a scheduler `interval` and `collect` go by the real clock.
const clock = new VirtualTimeScheduler();

const models$ = interval(1000, clock).pipe(
  take(6 * 60 - 1),
  map(visit),
  collect({
    every: { minutes: 1 },
    window: { minutes: 2 },
    weights: { view: 1, purchase: 5 },
    scheduler: clock,
  }),
  train({ rank: 2, iterations: 20, placement: inProcess() }),
  filter((event) => event.type === 'finished'),
);

let minute = 0;
models$.subscribe(({ model }) => {
  const best = model.recommend('ann', { count: 3, filterSeen: false });
  console.log(`minute ${++minute}: ann gets ${best.map(({ itemId }) => itemId).join(', ')}`);
});
clock.flush();
