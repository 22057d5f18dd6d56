import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { servePage } from '../watch/page-server.js';
import { locateRuns, RunShelf } from '../watch/run-shelf.js';
import { usualPort } from '../watch/usual-port.js';
import { counted } from './figures.js';
import { addNotes } from './help-text.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { parseNumber } from './parse-number.js';

const notes = [
  'A run that another process trains at the moment is followed. Runs of one folder can be laid over each other. The page is served on this machine only.',
];
const examples = ['seesaw watch model', 'seesaw watch runs --port 8080'];

/** Adds `seesaw watch`. */
export function addWatchCommand(program: Command): void {
  const command = program
    .command('watch')
    .summary('look at trainings that were run with --watch')
    .description(
      'Serves the page of trainings from the events that train --watch and search --watch keep ' +
        'beside the model, until Ctrl-C.',
    )
    .argument('[folder]', 'a model, or a folder with several', 'model')
    .addOption(
      new Option(
        '--port <n>',
        `of the page, 0 for any free one (default: ${usualPort}, or any)`,
      ).argParser(parseNumber),
    )
    .option('--json', 'print the address as a JSON object')
    .action(runWatch);
  addNotes(command, notes, examples);
}

async function runWatch(
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
