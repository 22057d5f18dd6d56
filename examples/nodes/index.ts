import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { filter, lastValueFrom, map, tap } from 'rxjs';
import { inProcess, nodes, type Placement, synthetic, train } from 'seesaw';

// What `npx seesaw cluster --workers 2 --threads 1` does: a private NATS server and two workers.
const command = fileURLToPath(new URL('./cli/main.js', import.meta.resolve('seesaw')));
const args = ['cluster', '--workers', '2', '--threads', '1', '--json'];
const cluster = spawn(process.execPath, [command, ...args], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await once(createInterface(cluster.stdout), 'line');
const { servers } = JSON.parse(line);

const solvedBy = new Set<string>();
let [bytes, fullBroadcastBytes] = [0, 0];

function factorsAt(placement: Placement) {
  const factors$ = synthetic({ users: 1000, items: 500, density: 0.05, seed: 1 }).pipe(
    train({ rank: 16, iterations: 3, blocks: 8, placement }),
    tap((event) => {
      if (event.type === 'started') console.log('placement', event.placement);
      if (event.type !== 'phase') return;
      bytes += event.broadcastBytes;
      fullBroadcastBytes += event.fullBroadcastBytes;
      for (const { ranOn } of event.blocks) solvedBy.add(ranOn.replace(/, thread.*/, ''));
    }),
    filter((event) => event.type === 'finished'),
    map(({ model }) => model.userFactors),
  );
  return lastValueFrom(factors$);
}

const near = await factorsAt(inProcess());
const far = await factorsAt(nodes({ servers, workers: 2 }));
console.log('solved by', [...solvedBy].sort().join(' and '));
console.log('sent less than everything to every node:', bytes < fullBroadcastBytes);
console.log('same factors to the last bit:', isDeepStrictEqual(near, far));

cluster.kill('SIGTERM');
await once(cluster, 'exit');
