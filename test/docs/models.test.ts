import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import ts from 'typescript';

test('the program in docs/models.md prints what stands below it', async (t) => {
  const page = await readFile('docs/models.md', 'utf8');
  const [, program, output] = /```ts run\n(.*?)```\n\n```text\n(.*?)```/s.exec(page) ?? [];
  const { outputText } = ts.transpileModule(program!, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  // Inside the package, where its own name leads to what was built.
  const cwd = await mkdtemp(join('build', 'docs-'));
  t.teardown(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'program.js'), outputText);

  const { stdout } = await promisify(execFile)(process.execPath, ['program.js'], { cwd });

  t.is(stdout, output);
});
