import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import ts from 'typescript';

const page = readFileSync('docs/evaluation.md', 'utf8');

test('the search of the page compiles, tries every combination and names the best', async (t) => {
  const source = [...page.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, text]) => text!)
    .find((text) => text.includes('gridSearch'))!;
  // Inside the package, so that it may import it by its name.
  const folder = mkdtempSync('build/docs-');
  t.teardown(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'search.mts');
  writeFileSync(program, source);

  const { options } = ts.convertCompilerOptionsFromJson(
    { strict: true, module: 'nodenext', target: 'es2022', types: ['node'], skipLibCheck: true },
    '.',
  );
  const compiled = ts.createProgram([program], options);
  t.deepEqual(
    ts.getPreEmitDiagnostics(compiled).map(({ messageText }) => messageText),
    [],
  );
  compiled.emit();
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'search.mjs')]);

  t.is(stdout.match(/^trial \d of rank (8|32)$/gm)?.length, 4);
  const scores = [...stdout.matchAll(/^(0\.\d{3}) rank /gm)].map(([, score]) => Number(score));
  t.is(scores.length, 4);
  t.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  t.true(scores[0]! > 0.2);
  t.regex(stdout, /^best: \{ rank: \d+, regularization: [\d.]+, alpha: 0 \}$/m);
});

test('every figure of an evaluation has its line on the page', (t) => {
  for (const name of ['recall', 'precision', 'ndcg', 'map', 'mrr', 'hitRate', 'auc', 'coverage']) {
    t.true(page.includes(`\n| \`${name}@k\` |`), name);
  }
});
