import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program to its end and returns the JSON object in the last line of its output. What it
 * writes to standard error is shown. Rejects if it fails or prints no JSON.
 */
export async function runChild<Result>(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [status, signal] = await once(child, 'close');
  const called = [command, ...args].join(' ');
  if (status !== 0) throw new Error(`ended with ${signal ?? `status ${status}`}: ${called}`);
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(lastLine);
  } catch (cause) {
    throw new Error(`printed ${JSON.stringify(lastLine)}; expected JSON: ${called}`, { cause });
  }
}
