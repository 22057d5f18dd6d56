import { setMaxListeners } from 'node:events';
import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import { packageVersion } from '../../../../src/version.js';
import { asError } from '../../../as-error.js';
import { workerAccess } from '../protocol/access.js';
import { oneLine } from '../protocol/clean-text.js';
import { takesJob } from '../protocol/job-id.js';
import {
  bucketOf,
  encode,
  type Hello,
  protocolVersion,
  subjectName,
  subjects,
} from '../protocol/messages.js';
import { newKeyPair } from '../seal/agree-on-key.js';
import { openBus } from '../transport/nats.js';
import { openServer } from '../transport/open-server.js';
import { hostJob } from './hosted-job.js';
import { answerTo, type JobSession, openJobSession } from './job-session.js';
import { type Invitation, readInvitation } from './read-invitation.js';
import { openReaderProcess } from './reader-process.js';
import { resolveWorkerOptions, type WorkerOptions } from './worker-options.js';

/** A worker at work. */
export interface Worker {
  /** Settles when it has lost its connection for good, with the error, or when it was stopped. */
  readonly ended: Promise<unknown>;
  /** Hands its blocks back and closes everything. */
  stop(): Promise<void>;
}

const beatMs = 250;
/** A supervisor that is silent for so many beats, 10 s, is gone. */
const maxMissedBeats = 40;

/** See `startWorker`. */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { worker, name, threads, memory, placement, jobs, kernels, folders } =
    await resolveWorkerOptions(options);
  const inboxOwner = `worker.${subjectName(worker)}`;
  const bus = await openBus(options, `seesaw worker ${name}`, undefined, inboxOwner);
  try {
    await bus.expectAccess((inbox) => workerAccess(worker, inbox));
  } catch (error) {
    await bus.close();
    throw error;
  }
  const tell = options.onEvent ?? (() => {});
  const keys = newKeyPair();
  let session: JobSession | undefined;
  /** One join or leave after the other. */
  let changing: Promise<unknown> = Promise.resolve();
  /** Public key of the supervisor of its job. */
  let supervisor: string | undefined;
  /** Invitations that are not answered. */
  let joining = 0;
  let isStopping = false;
  const stopping = new AbortController();

  const hello = (): Hello => ({
    type: 'hello',
    protocol: protocolVersion,
    version: packageVersion,
    worker,
    name,
    key: keys.publicKey,
    threads,
    memory,
    kernels,
    jobs,
    hasData: folders.length > 0,
    busy: joining + (session?.busy ?? 0),
    ...(session && { job: session.job }),
  });
  const beat = (): void => {
    bus.publish(subjects.hello(worker), encode(hello()));
    if (session === undefined || !bus.isConnected) return;
    session.missedBeats++;
    if (session.missedBeats <= maxMissedBeats) return;
    // No other process removes what the supervisor has left on the server.
    leaveLater('its supervisor is silent', ({ objects }) => objects.destroy());
  };
  const leave = async (
    reason: string,
    afterwards?: (left: JobSession) => Promise<void>,
  ): Promise<void> => {
    const left = session;
    if (left === undefined) return;
    session = undefined;
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
    const invitation = readInvitation(payload, keys, worker);
    if (isStopping) return;
    joining++;
    changing = changing
      .then(() => join(invitation))
      .finally(() => {
        joining--;
      });
  });
  beat();
  if (bus.isOpenToAll) tell({ type: 'warning', message: openServer(bus.server) });
  tell({ type: 'ready', server: bus.server, worker: name, threads, memory, kernels });

  return {
    ended: bus.closed.finally(() => {
      clearInterval(heart);
      changing = changing.then(() => session?.close());
    }),
    async stop() {
      isStopping = true;
      stopping.abort();
      clearInterval(heart);
      unsubscribe();
      leaveLater('it stops');
      await changing;
      await bus.close();
    },
  };

  async function join({ command, seal }: Invitation): Promise<void> {
    const { job, number, shape, inParts } = command;
    // The same request again, or a replayed older one.
    if (isStopping || (session?.job === job && number <= session.number)) return;
    const closing = new AbortController();
    // Every answer under way listens, and Node.js takes more than ten for a leak.
    setMaxListeners(0, closing.signal);
    const answer = answerTo(bus, job, worker, seal, closing.signal);
    const owed = new Set<number>();
    let reader: RatingsReader | undefined;
    try {
      refuseIf(command.version !== packageVersion, () => versions(command.version));
      refuseIf(!takesJob(jobs, job), () => `it takes jobs like ${jobs}`);
      const hasJob = session !== undefined;
      refuseIf(hasJob && session?.job !== job, () => 'it has another job');
      refuseIf(
        hasJob && supervisor !== command.key,
        () => 'it has this job from another supervisor',
      );
      refuseIf(!kernels.includes(shape.kernel), () => `it cannot run kernel ${shape.kernel}`);
      // The supervisor treats it as new.
      await session?.close();
      session = undefined;
      reader =
        shape.source && (await openReaderProcess(shape.source, folders, threads, stopping.signal));
      const objects = await bus.objects(bucketOf(job), false);
      const host = hostJob({
        ...{ job, shape, inParts, placement, objects, seal, reader, gpu: options.gpu },
        answer(message) {
          if (message.type === 'fault') tell({ ...message, job });
          void answer(message).finally(() => {
            if ('number' in message) owed.delete(message.number);
          });
        },
      });
      session = openJobSession(bus, {
        ...{ job, number, worker, host, objects, seal, owed, answer, closing },
        onLeave: () => leaveLater('the job is over'),
      });
      supervisor = command.key;
    } catch (thrown) {
      await reader?.close();
      const reason = oneLine(asError(thrown).message);
      tell({ type: 'refused', job, reason });
      void answer({ type: 'refused', number, reason });
      return;
    }
    tell({ type: 'joined', job });
    void answer({ type: 'joined', number });
  }
}

function refuseIf(isWrong: boolean, reason: () => string): void {
  if (isWrong) throw new Error(reason());
}

function versions(theirs: string): string {
  return `it is version ${packageVersion}, and the supervisor ${theirs}; expected the same`;
}
