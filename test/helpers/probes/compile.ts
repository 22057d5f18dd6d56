import { join } from 'node:path';
import ts from 'typescript';

/**
 * Compiles programs that are not on disk as a user would against the built package.
 *
 * @param programs text by name; a name that ends in `.d.ts` only declares
 * @returns by name what the compiler says, in full; empty for what is right
 */
export function compile(programs: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const files = new Map(
    Object.entries(programs).map(([name, text], at) => [
      join(process.cwd(), 'test', name.endsWith('.d.ts') ? name : `program-${at}.ts`),
      { name, text },
    ]),
  );
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  const onDisk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...onDisk,
    fileExists: (file) => files.has(file) || onDisk.fileExists(file),
    readFile: (file) => files.get(file)?.text ?? onDisk.readFile(file),
    getSourceFile(file, ...rest) {
      const text = files.get(file)?.text;
      if (text === undefined) return onDisk.getSourceFile(file, ...rest);
      return ts.createSourceFile(file, text, rest[0]);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const messages = [...files].map(([file, { name }]): [string, string] => {
    const source = program.getSourceFile(file);
    const said = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    const texts = said.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    return [name, texts.join('\n')];
  });
  return new Map(messages);
}
