import { isDeepStrictEqual } from 'node:util';
import { filter, lastValueFrom, map, tap } from 'rxjs';
import { inProcess, type Placement, synthetic, train } from 'seesaw';
import { throttled } from './throttled.js';

const blocksAt: Record<string, number> = {};

function modelOf(placement: Placement) {
  const model$ = synthetic({ users: 1000, items: 500, density: 0.05, seed: 1 }).pipe(
    train({ rank: 16, iterations: 5, blocks: 8, placement }),
    tap((event) => {
      if (event.type === 'started') console.log('placement', event.placement);
      if (event.type !== 'phase') return;
      for (const { ranOn } of event.blocks) blocksAt[ranOn] = (blocksAt[ranOn] ?? 0) + 1;
    }),
    filter((event) => event.type === 'finished'),
    map(({ model }) => model.userFactors),
  );
  return lastValueFrom(model$);
}

const [mine, usual] = [await modelOf(throttled(0.5)), await modelOf(inProcess())];
for (const [where, count] of Object.entries(blocksAt)) console.log(`${count} blocks: ${where}`);
console.log('same factors to the last bit:', isDeepStrictEqual(mine, usual));
