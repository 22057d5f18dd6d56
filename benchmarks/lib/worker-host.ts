/**
 * Several workers in one process, with a thread each: more than a machine could start processes for.
 * Prints `ready` when all are connected, and ends on SIGTERM.
 *
 *     node build/benchmarks/lib/worker-host.js nats://127.0.0.1:4222 16 east
 */

import { startWorker } from 'seesaw';

const [servers, count, name] = process.argv.slice(2);
const workers = await Promise.all(
  Array.from({ length: Number(count) }, (_, n) =>
    startWorker({ servers: servers!, name: `${name}-${n + 1}`, threads: 1 }),
  ),
);
process.once('SIGTERM', () => {
  void Promise.all(workers.map((worker) => worker.stop())).then(() => process.exit());
});
process.stdout.write('ready\n');
