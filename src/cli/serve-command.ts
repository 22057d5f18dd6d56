import { resolve } from 'node:path';
import { readItems } from '../io/read-items.js';
import type { IndexOrigin } from '../model/ranking/index-store.js';
import { createService } from '../server/create-service.js';
import type { ServiceEvent } from '../server/service-event.js';
import { resolveListenOptions, type ServiceOptions } from '../server/service-options.js';
import { escapeControls } from './escape-controls.js';
import { UsageError } from './exit-status.js';
import { asSeconds, counted } from './figures.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import type { ServeFlags } from './serve-flags.js';

/** Runs `seesaw serve`. */
export async function runServe(path: string, flags: ServeFlags): Promise<void> {
  if ((flags.retrain === undefined) !== (flags.from === undefined)) {
    const [found, missing] =
      flags.retrain === undefined ? ['--from', '--retrain'] : ['--retrain', '--from'];
    throw new UsageError(`found ${found} without ${missing}; expected both or neither`);
  }
  const { host, port, trustProxy } = flags;
  // What cannot be listened at is refused before a model is loaded.
  resolveListenOptions({ host, port, trustProxy }, false);
  // SIGHUP loads the model again.
  const stopped = interruptions(['SIGINT', 'SIGTERM']);
  const options = await serviceOptions(path, flags);
  const service = await createService(path, options);
  const hangUp = () => void service.reload('signal').catch(() => {});
  process.on('SIGHUP', hangUp);
  try {
    service.measureProcess();
    await service.listen({ host, port, trustProxy });
    await new Promise<void>((done) => {
      stopped.addEventListener('abort', () => done());
      if (stopped.aborted) done();
    });
  } finally {
    process.off('SIGHUP', hangUp);
    await service.close({ drainSeconds: flags.drain });
  }
}

async function serviceOptions(path: string, flags: ServeFlags): Promise<ServiceOptions> {
  const { titles, log, keep, watch, cors } = flags;
  return {
    log: log === false ? undefined : (log ?? `${resolve(path)}.interactions`),
    ...(titles !== undefined && { items: await readItems(titles) }),
    tokens: [...(flags.token ?? []), ...fromEnvironment('SEESAW_TOKEN')],
    adminTokens: [...(flags.adminToken ?? []), ...fromEnvironment('SEESAW_ADMIN_TOKEN')],
    ...{ cors, keep, watch },
    ...(flags.retrain !== undefined && {
      retrain: { schedule: flags.retrain, from: flags.from! },
    }),
    impressionSeconds: flags.impressionHours * 3600,
    limits: {
      list: flags.maxCount,
      batch: flags.maxBatch,
      bodyBytes: flags.maxBody,
      concurrency: flags.concurrency,
      perSecond: flags.rateLimit,
      requestSeconds: flags.requestTimeout,
    },
    onEvent: teller(flags),
  };
}

function fromEnvironment(name: string): string[] {
  return (process.env[name] ?? '').split(',').filter((token) => token !== '');
}

function teller({ json, quiet }: ServeFlags): (event: ServiceEvent) => void {
  return (event) => {
    if (json) {
      process.stdout.write(jsonLine({ time: new Date().toISOString(), ...event }));
      return;
    }
    const line = lineOf(event);
    if (line === undefined) return;
    const isFault = event.type === 'fault' || event.type === 'refused';
    if (isFault) process.stderr.write(`seesaw: ${escapeControls(line)}\n`);
    else if (!quiet) process.stdout.write(`${escapeControls(line, '\n')}\n`);
  };
}

function lineOf(event: ServiceEvent): string | undefined {
  switch (event.type) {
    case 'listening':
      return `listening at ${event.url}; try ${event.url}/docs${openWarning(event)}`;
    case 'request':
      return undefined;
    case 'swapped': {
      const { generation, users, items, foldedUsers, seconds, reason } = event;
      const folded = foldedUsers === 0 ? '' : `, ${counted(foldedUsers, 'user')} folded in`;
      const size = `${counted(users, 'user')}, ${counted(items, 'item')}${folded}`;
      return `model ${generation} (${reason}): ${size}, in ${asSeconds(seconds)}`;
    }
    case 'indexed':
      return indexLine(event);
    case 'refused':
      // The command fails with the same message.
      if (event.reason === 'start') return undefined;
      return `model refused (${event.reason}), the old one stays: ${event.message}`;
    case 'retraining':
    case 'retrained':
    case 'fault':
      return event.message;
    case 'draining':
      return 'ending; requests in work are answered';
    case 'closed':
      return undefined;
    default:
      return event satisfies never;
  }
}

function indexLine({ from, seconds, found, unsaved }: IndexOrigin): string {
  if (from === 'file') return `index read in ${asSeconds(seconds)}`;
  const why = found === undefined ? '' : `, because there was ${found}`;
  const kept =
    unsaved === undefined ? '' : `; not saved, so that the next start builds it again: ${unsaved}`;
  return `index built in ${asSeconds(seconds)}${why}${kept}`;
}

/** For services that other machines can reach, and that ask for no token. */
function openWarning({ host, isOpen }: Extract<ServiceEvent, { type: 'listening' }>): string {
  const isNear = /^(127\.|::1$|localhost$)/.test(host);
  return isOpen && !isNear ? '\nwhoever reaches this port may ask; --token asks for a token' : '';
}
