/**
 * Runs the examples that are named, or all of them in turn.
 *
 *     npm run examples
 *     npm run --silent examples quickstart
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const all = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`found no example ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

for (const name of wanted.length > 0 ? wanted : all) {
  if (wanted.length !== 1) console.log(`\n## ${name}\n`);
  const program = fileURLToPath(new URL(`./${name}/index.js`, here));
  const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
