import { basename, dirname } from 'node:path';
import { inProcess } from '../../actors/placements/in-process.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { FactorModel } from '../../src/model/factor-model.js';
import { EventLog } from '../../src/watch/event-log.js';
import { LineFile } from '../../src/watch/line-file.js';
import type { Control, RunSummary } from '../../src/watch/lines.js';
import { servePage } from '../../src/watch/page-server.js';
import { eventsFileOf, RunShelf } from '../../src/watch/run-shelf.js';
import type { StartedEvent } from '../training/training-event.js';
import { linesOfEvents } from './lines-of-events.js';

/** The commands from the page of a watched run, and where the run leaves its events. */
export interface WatchedRunSettings {
  /** See `PageSettings`. */
  readonly port?: number | undefined;
  /** Path of the model that the run makes: events are kept beside it. Without it they are not kept. */
  readonly model?: string | undefined;
  readonly pause?: { next(isPaused: boolean): void } | undefined;
  readonly placement?: { next(placement: Placement): void } | undefined;
  /** Ends the run with the model of its last iteration, a search with that of its best trial. */
  readonly stop: () => void;
}

/** A run that a page shows. */
export interface WatchedRun {
  readonly url: string;
  event(event: { readonly type: string }): void;
  /** The model to ask, in place of that of `finished`; the same with titles, for instance. */
  model(model: FactorModel): void;
  /** The stream has ended. Nothing follows; the page stays. */
  end(error?: unknown): Promise<void>;
  /** Closes the page's server. */
  close(): Promise<void>;
}

/**
 * Serves a page and begins a log of events. Rejects with `WatchError` if the port is taken, or the
 * file of events cannot be written.
 */
export async function openWatchedRun(settings: WatchedRunSettings): Promise<WatchedRun> {
  const { port, model: modelPath, pause, placement, stop } = settings;
  const log = new EventLog({ now: () => performance.now() });
  const file = modelPath === undefined ? undefined : eventsFileOf(modelPath);
  const name = file === undefined ? 'this run' : basename(modelPath!);
  const startedAt = new Date(performance.timeOrigin + performance.now()).toISOString();
  const lineOf = linesOfEvents();
  let runSettings: RunSummary['settings'] = {};
  let model: FactorModel | undefined;
  let isRunning = true;
  let canStop = false;

  const onFailure = (error: unknown): void => {
    const message = `the events are kept no further: ${messageOf(error)}`;
    log.append({ type: 'fault', component: 'events', iteration: 0, message, action: 'go-on' });
  };
  log.append({ type: 'run', format: 1, name, startedAt });
  const kept = file === undefined ? undefined : await LineFile.create(file, log, onFailure);
  const shelf = new RunShelf({
    ...(file !== undefined && { folder: dirname(file) }),
    live: { name, log, startedAt, model: () => model, settings: () => runSettings },
  });
  const controls = (): Control['action'][] => [
    ...(isRunning && pause ? (['pause', 'resume'] as const) : []),
    ...(isRunning && placement ? (['move'] as const) : []),
    ...(isRunning && canStop ? (['stop'] as const) : []),
  ];
  const onControl = (control: Control): void => {
    // Wrong numbers throw before any event.
    const place =
      control.action === 'move' && (control.threads === 0 ? inProcess() : threads(control.threads));
    log.append({ type: 'control', ...control });
    switch (control.action) {
      case 'pause':
      case 'resume':
        pause?.next(control.action === 'pause');
        break;
      case 'move':
        if (place) placement?.next(place);
        break;
      case 'stop':
        // A paused training would not come to its end.
        pause?.next(false);
        stop();
        break;
      default:
        control satisfies never;
    }
  };
  const server = await servePage({ shelf, port, controls, onControl }).catch(async (error) => {
    await kept?.close();
    throw error;
  });

  return {
    url: server.url,
    event(event) {
      if (event.type === 'iteration' || event.type === 'trial-finished') canStop = true;
      if ('model' in event && event.model instanceof FactorModel) model = event.model;
      if (event.type === 'started') runSettings = (event as StartedEvent).settings;
      const line = lineOf(event);
      if (line !== undefined) log.append(line);
    },
    model(known) {
      model = known;
    },
    async end(error) {
      if (!isRunning) return;
      isRunning = false;
      if (error !== undefined) log.append({ type: 'failed', message: messageOf(error) });
      log.close();
      await kept?.close();
    },
    close: () => server.close(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
