import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auditTime, filter, map, scan, shareReplay } from 'rxjs';
import { synthetic, threads, train } from 'seesaw';

const curve$ = synthetic({ users: 2000, items: 1000, density: 0.02, seed: 1 }).pipe(
  train({ rank: 16, iterations: 6, placement: threads(2) }),
  filter((event) => event.type === 'iteration'),
  map(({ iteration, rmse, loss }) => ({ iteration, rmse, loss: loss.total })),
  scan((curve, point) => [...curve, point], [] as object[]),
  // Ten pictures a second at most; what is left out costs neither the pages nor the workers.
  auditTime(100),
  // One run for all: the first page starts it, late ones begin with the latest picture.
  shareReplay({ bufferSize: 1, refCount: true }),
);

const server = createServer((_, page) => {
  page.writeHead(200, { 'content-type': 'text/event-stream' });
  const shown = curve$.subscribe({
    next: (curve) => page.write(`data: ${JSON.stringify(curve)}\n\n`),
    error: (error) => page.destroy(error),
    complete: () => page.end(),
  });
  page.on('close', () => shown.unsubscribe());
});

// Two pages look at the same time and print the last picture that each was sent.
await once(server.listen(0), 'listening');
const { port } = server.address() as AddressInfo;
const pages = await Promise.all([1, 2].map(() => fetch(`http://localhost:${port}`)));
for (const [at, page] of pages.entries()) {
  const pictures = (await page.text()).trimEnd().split('\n\n');
  console.log(`page ${at + 1}`);
  for (const { iteration, rmse, loss } of JSON.parse(pictures.at(-1)!.slice('data: '.length))) {
    console.log(`  iteration ${iteration}  RMSE ${rmse.toFixed(3)}  loss ${loss.toFixed(0)}`);
  }
}
server.close();
