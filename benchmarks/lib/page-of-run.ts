import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WatchVariant } from './watch-overhead.js';

/** A process that reads pages, in place of a browser. */
export interface PageReader {
  /** Resolves when the page of a variant that has one is read. */
  read(url: string, variant: WatchVariant): Promise<void>;
  close(): void;
}

export function startPageReader(): PageReader {
  const script = fileURLToPath(new URL('./page-reader.js', import.meta.url));
  const reader = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    async read(url, variant) {
      if (variant !== 'watched by a page') return;
      reader.stdin.write(`${url}\n`);
      await once(reader.stdout, 'data');
    },
    close() {
      reader.stdin.end();
      reader.kill();
    },
  };
}
