import { readFileSync } from 'node:fs';
import test from 'ava';
import ts from 'typescript';
import {
  errorSumFields,
  rankingTaskFields,
  taskFields,
  writeRecord,
} from '../../../../src/kernels/wasm/wasm-record.js';

/** Names and types of the fields of a class of the assembly, in its order. */
function fieldsIn(file: string, className: string): [name: string, type: string][] {
  const text = readFileSync(`src/kernels/wasm/assembly/${file}`, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found = source.statements
    .filter(ts.isClassDeclaration)
    .find(({ name }) => name?.text === className)!;
  return found.members
    .filter(ts.isPropertyDeclaration)
    .map(({ name, type }) => [name.getText(source), type!.getText(source)]);
}

test('a task is written with the fields that the assembly reads, in their order', (t) => {
  const fields = fieldsIn('task.ts', 'Task');

  t.deepEqual(fields, [...Object.entries(taskFields), ['regularization', 'f64']]);
  t.is(Object.keys(taskFields).at(-1), 'singularRow');
});

test('sums are read by the names that the assembly writes, in their order', (t) => {
  t.deepEqual(
    fieldsIn('task.ts', 'ErrorSums'),
    errorSumFields.map((name) => [name, 'f64']),
  );
});

test('a ranking task is written with the fields that the assembly reads, in their order', (t) => {
  const fields = fieldsIn('ranking-task.ts', 'RankingTask').map(([name, type]) => [
    name,
    // Addresses of what the assembly has a class for.
    type === 'PackedItems' ? 'usize' : type,
  ]);

  t.deepEqual(fields, Object.entries(rankingTaskFields));
});

test('a record holds a word a field, whatever the order of the values', (t) => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const fields = { first: 'usize', second: 'f32', third: 'i32' } as const;

  writeRecord({ buffer: memory.buffer as SharedArrayBuffer, grow: () => 0 }, 64, fields, {
    third: -1,
    second: 0.5,
    first: 2 ** 32 - 2,
  });

  const view = new DataView(memory.buffer, 64);
  t.is(view.getUint32(0, true), 2 ** 32 - 2);
  t.is(view.getFloat32(4, true), 0.5);
  t.is(view.getInt32(8, true), -1);
  t.is(view.getUint32(12, true), 0);
});
