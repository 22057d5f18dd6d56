import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { randomAt } from '../../../src/random.js';
import { readLog } from '../../../src/server/log/read-log.js';

const program = fileURLToPath(new URL('../programs/serve-until-killed.js', import.meta.url));

/**
 * Starts a service, sends it interactions from several clients at once, and kills it with SIGKILL when
 * a random number of them has been acknowledged; so many times, with one log.
 *
 * @returns what is wrong with the log: acknowledged interactions that are not in it, and interactions
 * in it that no client sent; and how many were acknowledged
 */
export async function killServices(seed: number, times: number, folder: string) {
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  const problems: string[] = [];
  for (let time = 0; time < times; time++) {
    const child = spawn(process.execPath, [program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = await once(createInterface(child.stdout), 'line');
    const enough = acknowledged.size + Math.floor(60 * randomAt(seed, time, 0));
    let next = 0;
    const client = async () => {
      for (;;) {
        const user = `${time}-${next++}`;
        const interactions = Array.from({ length: 1 + (next % 7) }, (_, item) => ({ user, item }));
        for (const { item } of interactions) sent.add(`${user} ${item}`);
        const response = await fetch(`${url}/interactions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ interactions }),
        });
        if (response.status !== 200) problems.push(`status ${response.status}`);
        await response.text();
        for (const { item } of interactions) acknowledged.add(`${user} ${item}`);
        if (acknowledged.size >= enough) child.kill('SIGKILL');
      }
    };
    // Clients end when they get no answer any more.
    await Promise.all(Array.from({ length: 8 }, () => client().catch(() => {})));
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  const found = new Set<string>();
  for await (const { user, item } of readLog(folder)) found.add(`${user} ${item}`);
  for (const each of acknowledged) if (!found.has(each)) problems.push(`lost ${each}`);
  for (const each of found) if (!sent.has(each)) problems.push(`half-read ${each}`);
  return { problems, acknowledged: acknowledged.size };
}
