import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import * as rxjs from 'rxjs';
import * as seesaw from 'seesaw';
import { compile } from '../helpers/probes/compile.js';

/** Without what it hands on from RxJS. */
const own = Object.entries(seesaw).filter(([name]) => !(name in rxjs));

/** What the snippets of the pages mean by the names that they do not define. */
const given = `
import type { Observable } from 'rxjs';
import type {
  FactorModel, Interaction, RatingRow, Ratings, RatingsSplit, TrainingEvent,
} from 'seesaw';
declare global {
  const ratings$: Observable<Ratings>;
  const split$: Observable<RatingsSplit>;
  const events$: Observable<TrainingEvent>;
  const clicks$: Observable<Interaction>;
  const model: FactorModel, nextModel: FactorModel;
  const service: import('seesaw').Service;
  const users: Uint32Array, items: Uint32Array, ratings: Float32Array;
  const userCount: number, itemCount: number;
  const rows: RatingRow[];
  const inStock: string[], banned: string[];
  function rowsOfADatabase(): AsyncIterable<RatingRow>;
  const options: import('seesaw').TrainingOptions;
${declared('rxjs', rxjs)}
${declared('seesaw', Object.fromEntries(own))}
}
`;

const pages = ['README.md', ...markdownIn('docs'), ...markdownIn('examples')];
const snippets = pages.flatMap((page) => {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```ts.*\n((?:.*\n)*?)```$/gm);
  return [...blocks].map(([, text], at) => [`${page}, snippet ${at + 1}`, `${text}\nexport {};\n`]);
});
const messages = compile({ 'given.d.ts': given, ...Object.fromEntries(snippets) });

for (const [name, message] of messages) {
  test(`${name} compiles`, (t) => {
    t.is(message, '');
  });
}

/** Every value of a package as a global. */
function declared(name: string, values: object): string {
  return (
    Object.keys(values)
      // Newer Nodes name 'module.exports' too.
      .filter((value) => value !== 'default' && value !== 'module.exports')
      .map((value) => `  const ${value}: typeof import('${name}').${value};`)
      .join('\n')
  );
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);
}
