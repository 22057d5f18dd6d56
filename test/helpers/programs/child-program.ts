import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../../', import.meta.url).href;

/** How a program ended that was left to end by itself. */
export interface ProgramEnd {
  /** Null if it had to be killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program's process is started with. */
export interface ProgramSettings {
  readonly env?: Readonly<Record<string, string>>;
  /** By package: the error code that importing it ends with. */
  readonly broken?: Readonly<Record<string, string>>;
  /** KiB of address space that the process may have; on Linux only. */
  readonly addressSpace?: number;
}

/** Milliseconds until a program that does not end is killed. */
const ackTimeoutMs = 120_000;

/**
 * Runs a module in a process of its own, until it ends by itself. It imports what is built by
 * `build:` and the path: `import { train } from 'build:src/index.js'`.
 */
export function runProgram(
  source: string,
  { env = {}, broken = {}, addressSpace }: ProgramSettings = {},
): Promise<ProgramEnd> {
  const text = source.replaceAll("'build:", `'${root}`);
  const hooks = `export async function resolve(name, context, next) {
    const code = ${JSON.stringify(broken)}[name];
    if (code !== undefined) throw Object.assign(new Error(name + ' is broken'), { code });
    return next(name, context);
  }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
  // A file, for threads take over the arguments of their process.
  const folder = mkdtempSync(join(tmpdir(), 'seesaw-program-'));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, text);
  const node = [process.execPath, '--import', dataUrl(register), file];
  const limited = ['sh', '-c', `ulimit -v ${addressSpace} && exec "$0" "$@"`, ...node];
  const [command, ...args] = addressSpace === undefined ? node : limited;
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: ackTimeoutMs };
    execFile(command!, args, options, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true });
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ status, stdout: stdout.trim(), stderr });
    });
  });
}

function dataUrl(script: string): string {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

/** Environment in which the Vulkan loader is there and does not load. */
export function withoutVulkan(): {
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'seesaw-no-vulkan-'));
  writeFileSync(join(folder, 'libvulkan.so.1'), 'no library');
  return {
    env: { LD_LIBRARY_PATH: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
