import type { IncomingMessage } from 'node:http';
import { InvalidOptionError } from '../errors.js';
import type { Control } from './lines.js';

const maxBytes = 1000;

/** What a button asks for. Throws `InvalidOptionError`. */
export async function readControl(request: IncomingMessage): Promise<Control> {
  let text = '';
  for await (const piece of request) {
    text += piece;
    if (text.length > maxBytes) throw new InvalidOptionError('control', 'found too long a request');
  }
  const found: unknown = parse(text);
  const { action, threads } = (found ?? {}) as { action?: unknown; threads?: unknown };
  if (action === 'pause' || action === 'resume' || action === 'stop') return { action };
  if (action !== 'move') {
    throw new InvalidOptionError('action', action, "'pause', 'resume', 'stop' or 'move'");
  }
  if (!Number.isInteger(threads) || (threads as number) < 0 || (threads as number) > 1024) {
    throw new InvalidOptionError('threads', threads, 'an integer from 0 to 1024');
  }
  return { action, threads: threads as number };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidOptionError('control', text, 'JSON');
  }
}
