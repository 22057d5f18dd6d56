/**
 * Child process that reads what a page reads: for each address on a line of standard input it prints
 * `open` when the first lines of the run have come, and drops what follows.
 */

import { createInterface } from 'node:readline';

for await (const url of createInterface({ input: process.stdin })) void read(url);

async function read(url: string): Promise<void> {
  const session = (await (await fetch(`${url}api/session`)).json()) as { readonly shown: string };
  const { body } = await fetch(`${url}api/events?${new URLSearchParams({ run: session.shown })}`);
  const reader = body!.getReader();
  await reader.read();
  process.stdout.write('open\n');
  // The page closes with its run.
  await (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
}
