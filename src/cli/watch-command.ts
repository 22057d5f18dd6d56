import { once } from 'node:events';
import { servePage } from '../watch/page-server.js';
import { locateRuns, RunShelf } from '../watch/run-shelf.js';
import { counted } from './figures.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';

/** Runs `seesaw watch`. */
export async function runWatch(
  path: string,
  { port, json }: { readonly port?: number; readonly json?: true },
): Promise<void> {
  const stopped = interruptions();
  const { folder, shown } = await locateRuns(path);
  const shelf = new RunShelf({ folder });
  const runs = await shelf.list();
  const server = await servePage({ shelf, shown, port });
  const { url } = server;
  process.stdout.write(
    json
      ? jsonLine({ url, runs: runs.map(({ name }) => name) })
      : `${counted(runs.length, 'run')} at ${url} until Ctrl-C\n`,
  );
  if (!stopped.aborted) await once(stopped, 'abort');
  await server.close();
}
