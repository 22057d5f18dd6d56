import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WatchError } from '../errors.js';
import type { FactorModel } from '../model/factor-model.js';
import { loadModel } from '../model/store/load-model.js';
import type { LineLog } from './event-log.js';
import { FileLog } from './file-log.js';
import type { RunSummary } from './lines.js';
import { ModelQueries } from './query-model.js';
import { readKeptRun } from './read-kept-run.js';

/** Of the file with a model's events: it lies beside the model's folder. */
export const eventsSuffix = '.events.ndjson';
/** The newest so many are offered. */
const maxRuns = 200;

/** The file of the events of the run that makes a model. */
export function eventsFileOf(modelPath: string): string {
  return `${resolve(modelPath)}${eventsSuffix}`;
}

/** A run of this process. */
export interface LiveRun {
  readonly name: string;
  readonly log: LineLog;
  /** Undefined until it is trained. */
  readonly model: () => FactorModel | undefined;
  readonly startedAt: string;
  readonly settings: () => RunSummary['settings'];
}

/** The runs that a page can show: one of this process, and kept ones of a folder. */
export class RunShelf {
  readonly #folder: string | undefined;
  readonly #live: LiveRun | undefined;
  readonly #logs = new Map<string, Promise<FileLog>>();
  #queries: { readonly id: string; readonly answers: ModelQueries } | undefined;

  constructor({ folder, live }: { readonly folder?: string; readonly live?: LiveRun }) {
    this.#folder = folder;
    this.#live = live;
  }

  /** The run of this process first, then kept ones, newest first. */
  async list(): Promise<readonly RunSummary[]> {
    const kept = await Promise.all((await this.#names()).map((name) => this.#summaryOf(name)));
    const sorted = kept
      .filter((each) => each !== undefined)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
      .slice(0, maxRuns);
    const live = this.#live;
    if (live === undefined) return sorted;
    const { name, startedAt } = live;
    const [settings, figures] = [live.settings(), {}];
    return [{ id: name, name, startedAt, isLive: true, settings, figures }, ...sorted];
  }

  /** Undefined for a run that is not there. */
  async log(id: string): Promise<LineLog | undefined> {
    if (id === this.#live?.name) return this.#live.log;
    if (!(await this.#names()).includes(id)) return undefined;
    const known = this.#logs.get(id);
    if (known !== undefined) return known;
    const opened = FileLog.open(this.#fileOf(id));
    this.#logs.set(id, opened);
    opened.catch(() => this.#logs.delete(id));
    return opened;
  }

  /** Undefined where there is no model, or none yet. */
  async queries(id: string): Promise<ModelQueries | undefined> {
    const isLive = id === this.#live?.name;
    // One model at a time, because it may be large.
    if (this.#queries?.id === id) return this.#queries.answers;
    const model = isLive ? this.#live?.model() : await this.#load(id);
    if (model === undefined) return undefined;
    this.#queries = { id, answers: new ModelQueries(model) };
    return this.#queries.answers;
  }

  async close(): Promise<void> {
    for (const log of this.#logs.values()) await (await log).close();
  }

  async #load(id: string): Promise<FactorModel | undefined> {
    if (!(await this.#names()).includes(id)) return undefined;
    const path = this.#fileOf(id).slice(0, -eventsSuffix.length);
    const isThere = await stat(path).catch(() => undefined);
    return isThere === undefined ? undefined : loadModel(path);
  }

  async #names(): Promise<readonly string[]> {
    if (this.#folder === undefined) return [];
    const names = await readdir(this.#folder).catch(() => []);
    return names
      .filter((name) => name.endsWith(eventsSuffix))
      .map((name) => name.slice(0, -eventsSuffix.length))
      .filter((name) => name !== this.#live?.name);
  }

  #fileOf(id: string): string {
    return join(this.#folder!, `${id}${eventsSuffix}`);
  }

  async #summaryOf(id: string): Promise<RunSummary | undefined> {
    try {
      const { run, started, figures } = await readKeptRun(this.#fileOf(id));
      const settings = started?.settings ?? {};
      return { id, name: run.name, startedAt: run.startedAt, isLive: false, settings, figures };
    } catch {
      // Another kind of file with that suffix.
      return undefined;
    }
  }
}

/**
 * The folder that has the runs which a path means, and the one to show first: a folder with events,
 * a model, or a file of events.
 * Throws `WatchError` if there are none.
 */
export async function locateRuns(
  path: string,
): Promise<{ readonly folder: string; readonly shown: string | undefined }> {
  const full = resolve(path);
  const file = full.endsWith(eventsSuffix) ? full : eventsFileOf(full);
  const isFile = await stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isFile) {
    await readKeptRun(file);
    return { folder: dirname(file), shown: basename(file, eventsSuffix) };
  }
  const names = await readdir(full).catch(() => []);
  if (names.some((name) => name.endsWith(eventsSuffix))) return { folder: full, shown: undefined };
  throw new WatchError(
    `found no events of a run at ${path}; expected a model that was trained with --watch, or a ` +
      `folder of such; try seesaw train ratings.csv --watch --output ${path}`,
  );
}
