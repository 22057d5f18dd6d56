import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { InvalidOptionError } from '../../../../src/errors.js';
import { packageVersion } from '../../../../src/io/manifest.js';
import { openShare, type RatingsShare } from '../../../../src/io/open-share.js';
import { isCpuKernel } from '../../../../src/kernels/choose-kernel.js';
import {
  checkGpuOptions,
  type GpuOptions,
} from '../../../../src/kernels/gpu/device/gpu-options.js';
import { deviceKernelsHere } from '../../../../src/kernels/gpu/open-device-kernel.js';
import type { KernelName } from '../../../../src/kernels/kernel.js';
import { kernelsHere } from '../../../../src/kernels/select-kernel.js';
import { asError } from '../../../as-error.js';
import { threads as threadsPlacement } from '../../threads.js';
import { type Bus, openBus } from '../bus/nats.js';
import { checkNatsOptions, type NatsOptions } from '../bus/nats-options.js';
import type { Objects } from '../bus/objects.js';
import { takesJob } from '../messages/job-id.js';
import {
  bucketOf,
  encode,
  encodeAnswer,
  type Hello,
  type NodeAnswer,
  type NodeCommand,
  protocolVersion,
  subjects,
} from '../messages/messages.js';
import { readCommand, readFetch } from '../messages/read-message.js';
import { dataFolders } from './data-folders.js';
import { type HostedJob, hostJob } from './hosted-job.js';

/** How a worker is set up. */
export interface WorkerOptions extends NatsOptions {
  /** Threads that solve; default one for each core. */
  readonly threads?: number | undefined;
  /** Its name in events and messages; default the machine's and the process's. */
  readonly name?: string | undefined;
  /** Names of the jobs that it takes, `*` for any text. Default `*`. */
  readonly job?: string | undefined;
  /** Kernels that it may run, of those that its machine runs. Default all of them. */
  readonly kernels?: readonly KernelName[] | undefined;
  /**
   * Folders with files that jobs may read ratings from (`readBy: 'workers'`): whoever runs a job can
   * have SQL read there, and nowhere else. Default none.
   */
  readonly data?: readonly string[] | undefined;
  /** Which GPU it offers beside its threads; default the one that is there, unless `kernels` says no. */
  readonly gpu?: GpuOptions | undefined;
  /** Hears what happens to it. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** What a worker tells its owner. */
export type WorkerEvent =
  | {
      readonly type: 'ready';
      readonly server: string;
      readonly worker: string;
      readonly threads: number;
      readonly kernels: readonly KernelName[];
    }
  | { readonly type: 'joined'; readonly job: string }
  | { readonly type: 'left'; readonly job: string; readonly reason: string }
  /** Its GPU has failed; it goes on with WASM. */
  | { readonly type: 'fault'; readonly job: string; readonly message: string }
  | { readonly type: 'refused'; readonly job: string; readonly reason: string };

/** A worker at work. */
export interface Worker {
  /** Settles when it has lost its connection for good, with the error, or when it was stopped. */
  readonly ended: Promise<unknown>;
  /** Hands its blocks back and closes everything. */
  stop(): Promise<void>;
}

const beatMs = 250;
/** A supervisor that is silent for so many beats, 10 s, is gone. */
const mostMissedBeats = 40;
const farewellMs = 1_000;

/** A job that this worker has. */
interface Engagement {
  readonly job: string;
  /** Number of the command by which it joined. */
  readonly number: number;
  readonly host: HostedJob;
  readonly objects: Objects;
  readonly answer: (answer: NodeAnswer) => Promise<void>;
  /** Numbers of commands that have come: each is done once. */
  readonly seen: Set<number>;
  readonly close: () => Promise<void>;
  missedBeats: number;
}

/**
 * Connects this process to a NATS server and solves blocks for whoever runs a job there with
 * `nodes()`, one job after the other, on threads of its own.
 *
 * A supervisor that falls silent is left after 10 s, and its job's memory is free.
 *
 * Throws `ConnectionError`, and `InvalidOptionError` for options that are wrong.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  checkNatsOptions(options);
  const { threads = availableParallelism(), name = defaultName(), job: jobs = '*' } = options;
  const placement = threadsPlacement(threads);
  if (!/^[\w*-]{1,80}$/.test(jobs)) {
    throw new InvalidOptionError('job', jobs, 'letters, digits, dashes and *');
  }
  const kernels = await allowedKernels(options);
  const folders = await dataFolders(options.data);
  const worker = `${name.replace(/[^\w-]/g, '-').slice(0, 40)}-${randomUUID().slice(0, 8)}`;
  const bus = await openBus(options, `seesaw worker ${name}`);
  const tell = options.onEvent ?? (() => {});
  let engagement: Engagement | undefined;
  /** One join or leave after the other. */
  let changing: Promise<unknown> = Promise.resolve();
  let isStopping = false;

  const hello = (): Hello => ({
    type: 'hello',
    protocol: protocolVersion,
    version: packageVersion,
    worker,
    name,
    threads,
    memory: totalmem(),
    kernels,
    jobs,
    hasData: folders.length > 0,
    ...(engagement && { job: engagement.job }),
  });
  const beat = (): void => {
    bus.publish(subjects.hello(worker), encode(hello()));
    if (engagement === undefined || !bus.isConnected) return;
    engagement.missedBeats++;
    if (engagement.missedBeats <= mostMissedBeats) return;
    // Nobody else would remove what it has left on the server.
    leaveLater('its supervisor is silent', ({ objects }) => objects.destroy());
  };
  const leave = async (
    reason: string,
    afterwards?: (left: Engagement) => Promise<void>,
  ): Promise<void> => {
    const left = engagement;
    if (left === undefined) return;
    engagement = undefined;
    await left.answer({ type: 'left' });
    await left.close();
    await afterwards?.(left);
    tell({ type: 'left', job: left.job, reason });
  };
  const leaveLater = (...how: Parameters<typeof leave>): void => {
    changing = changing.then(() => leave(...how));
  };

  const heart = setInterval(beat, beatMs);
  const unsubscribe = bus.subscribe(subjects.join(worker), (payload) => {
    const command = readOrNothing(payload);
    if (command?.type !== 'join' || isStopping) return;
    changing = changing.then(() => join(command));
  });
  beat();
  tell({ type: 'ready', server: bus.server, worker: name, threads, kernels });

  return {
    ended: bus.closed.finally(() => {
      clearInterval(heart);
      changing = changing.then(() => engagement?.close());
    }),
    async stop() {
      isStopping = true;
      clearInterval(heart);
      unsubscribe();
      leaveLater('it stops');
      await changing;
      await bus.close();
    },
  };

  async function join(command: Extract<NodeCommand, { type: 'join' }>): Promise<void> {
    const { job, number, shape } = command;
    if (isStopping || (engagement?.job === job && engagement.number === number)) return;
    const closing = new AbortController();
    // Every answer under way listens, and Node takes more than ten for a leak.
    setMaxListeners(0, closing.signal);
    const answer = answerTo(bus, job, worker, closing.signal);
    let share: RatingsShare | undefined;
    try {
      refuseIf(command.version !== packageVersion, () => versions(command.version));
      refuseIf(!takesJob(jobs, job), () => `it takes jobs like ${jobs}`);
      refuseIf(engagement !== undefined && engagement.job !== job, () => 'it has another job');
      refuseIf(!kernels.includes(shape.kernel), () => `it cannot run kernel ${shape.kernel}`);
      // The supervisor takes it for new, so it is.
      await engagement?.close();
      engagement = undefined;
      share = shape.source && (await openShare(shape.source, folders, threads));
      const objects = await bus.objects(bucketOf(job), false);
      const host = hostJob({
        ...{ job, shape, placement, objects, share, gpu: options.gpu },
        answer(message) {
          if (message.type === 'fault') tell({ ...message, job });
          void answer(message);
        },
      });
      engagement = engage(command, { host, objects, answer }, closing);
    } catch (thrown) {
      await share?.close();
      const reason = asError(thrown).message.replace(/\s+/g, ' ').slice(0, 2000);
      tell({ type: 'refused', job, reason });
      void answer({ type: 'refused', number, reason });
      return;
    }
    tell({ type: 'joined', job });
    void answer({ type: 'joined', number });
  }

  function engage(
    { job, number }: { readonly job: string; readonly number: number },
    { host, objects, answer }: Pick<Engagement, 'host' | 'objects' | 'answer'>,
    closing: AbortController,
  ): Engagement {
    const id = new TextEncoder().encode(worker);
    const stops = [
      bus.subscribe(subjects.command(job, worker), (payload) => receive(begun, payload)),
      bus.subscribe(subjects.fetch(job, worker), (payload) => {
        const request = readFetch(payload);
        if (request.type === 'fetch') return host.fetch(request);
        bus.publish(subjects.rowsForAll(job), host.share(request), request.replyTo);
      }),
      ...[subjects.rows(job, worker), subjects.rowsForAll(job)].map((subject) =>
        bus.subscribe(subject, (payload) => {
          host.takeRows(payload);
          return id;
        }),
      ),
      bus.subscribe(subjects.alive(job), () => {
        begun.missedBeats = 0;
      }),
    ];
    const close = async (): Promise<void> => {
      for (const stop of stops) stop();
      closing.abort();
      await host.close();
    };
    const begun: Engagement = {
      ...{ job, number, host, objects, answer, close },
      seen: new Set(),
      missedBeats: 0,
    };
    return begun;
  }

  function receive({ seen, host }: Engagement, payload: Uint8Array): void {
    const command = readOrNothing(payload);
    // It has the number of the task that it is about.
    if (command?.type === 'drop') host.receive(command);
    if (command === undefined || seen.has(command.number)) return;
    seen.add(command.number);
    if (command.type === 'leave') leaveLater('the job is over');
    else if (command.type !== 'join' && command.type !== 'drop') host.receive(command);
  }
}

/** A command, or nothing if it is none: whoever sent it is not of this version. */
function readOrNothing(payload: Uint8Array): NodeCommand | undefined {
  try {
    return readCommand(payload);
  } catch {
    return undefined;
  }
}

/** How a worker answers: until it is heard, or the job is over. */
function answerTo(
  bus: Bus,
  job: string,
  worker: string,
  closing: AbortSignal,
): Engagement['answer'] {
  return async (answer) => {
    const isLast = answer.type === 'left' || answer.type === 'refused';
    const signal = isLast ? AbortSignal.timeout(farewellMs) : closing;
    await bus
      .deliver(subjects.answer(job, worker), encodeAnswer(answer), signal)
      // Nobody wants it any more.
      .catch(() => {});
  };
}

function refuseIf(isWrong: boolean, reason: () => string): void {
  if (isWrong) throw new Error(reason());
}

function versions(theirs: string): string {
  return `it is version ${packageVersion}, and the supervisor ${theirs}; expected the same`;
}

async function allowedKernels({
  kernels: wanted,
  gpu = {},
}: WorkerOptions): Promise<readonly KernelName[]> {
  checkGpuOptions(gpu);
  const mayUseGpu =
    wanted === undefined ||
    (Array.isArray(wanted) && wanted.some((name: KernelName) => !isCpuKernel(name)));
  const here = [...(mayUseGpu ? await deviceKernelsHere(gpu) : []), ...kernelsHere()];
  if (wanted === undefined) return here;
  const isKnown = Array.isArray(wanted) && wanted.every((name) => here.includes(name));
  if (isKnown && wanted.length > 0) return here.filter((name) => wanted.includes(name));
  throw new InvalidOptionError(
    'kernels',
    wanted,
    `some of those that run here: ${here.join(', ')}`,
  );
}

function defaultName(): string {
  return `${hostname()}-${process.pid}`;
}
