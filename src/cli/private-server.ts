import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SeesawError } from '../errors.js';
import { makeFolder } from '../io/files/make-folder.js';

const startDeadlineMs = 10_000;

/** There is no NATS server to start, or it does not start. */
export class ServerMissingError extends SeesawError {
  override readonly name = 'ServerMissingError';
  readonly code = 'ERR_SERVER_MISSING';
}

/** A NATS server that is a child of this process. */
export interface PrivateServer {
  /** `nats://127.0.0.1:41234` */
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it and waits for its end. */
  stop(): Promise<void>;
}

/** How a private server is set up. */
export interface PrivateServerOptions {
  /** An existing folder for its files. */
  readonly folder: string;
  /** Default one that is free. */
  readonly port?: number;
  /** More lines of its configuration. */
  readonly config?: string;
}

/**
 * Starts `nats-server` from the PATH, on the loopback interface, with JetStream.
 * Rejects with `ServerMissingError`.
 */
export async function startPrivateServer({
  folder,
  port = -1,
  config = '',
}: PrivateServerOptions): Promise<PrivateServer> {
  const file = join(folder, 'nats.conf');
  const store = join(folder, 'jetstream');
  await makeFolder(store);
  await writeFile(file, `${basicConfig(store)}\n${config}\n`);
  const listen = ['-a', '127.0.0.1', '-p', String(port), '--ports_file_dir', folder];
  const child = spawn('nats-server', ['-c', file, ...listen], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (text) => {
    output = `${output}${text}`.slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (status) => {
      const said = /\[FTL\] (.*)/.exec(output)?.[1] ?? output.trim();
      resolve(`it ended with status ${status}: ${said}`);
    });
  });
  const url = await Promise.race([portOf(child, folder), ended.then((reason) => ({ reason }))]);
  if (typeof url === 'string') return { url, process: child, stop: () => stop(child) };
  await stop(child);
  throw new ServerMissingError(
    /ENOENT/.test(url.reason)
      ? 'found no nats-server on the PATH; expected the NATS server; ' +
          "try 'apt-get install nats-server', 'brew install nats-server', or https://nats.io/download"
      : `nats-server does not start: ${url.reason}; expected it to listen on 127.0.0.1; ` +
          'try another port, or what nats-server itself says',
  );
}

function basicConfig(store: string): string {
  return [
    'ping_interval: "5s"',
    'ping_max: 2',
    'write_deadline: "60s"',
    `jetstream { store_dir: ${JSON.stringify(store)} }`,
  ].join('\n');
}

/** The address that the server writes to a file when it listens. */
async function portOf(
  child: ChildProcess,
  folder: string,
): Promise<string | { readonly reason: string }> {
  const name = `nats-server_${child.pid}.ports`;
  for (let waited = 0; waited < startDeadlineMs; waited += 20) {
    if ((await readdir(folder)).includes(name)) {
      const text = await readFile(join(folder, name), 'utf8');
      // It may be half written.
      const address = /"nats":\s*\[\s*"(?:nats|tls):([^"]+)"/.exec(text)?.[1];
      if (address !== undefined) return `nats:${address}`;
    }
    await wait(20, undefined, { ref: false });
  }
  return { reason: `no port within ${startDeadlineMs / 1000} s` };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await exit;
  clearTimeout(late);
}
