import { encodeAnswer, type NodeAnswer, type NodeCommand, subjects } from '../protocol/messages.js';
import { readCommand, readFetch } from '../protocol/read-command.js';
import { acknowledgementOf } from '../rows/acknowledgement.js';
import type { Seal } from '../seal/seal.js';
import type { Bus } from '../transport/bus.js';
import type { Objects } from '../transport/objects.js';
import type { HostedJob } from './hosted-job.js';

const leaveMs = 1_000;

/** A job that a worker has. */
export interface JobSession {
  readonly job: string;
  /** Number of the command by which it joined. */
  readonly number: number;
  readonly host: HostedJob;
  readonly objects: Objects;
  readonly answer: (answer: NodeAnswer) => Promise<void>;
  /** Beats since the supervisor was last heard. */
  missedBeats: number;
  /** Commands that it has taken and not answered. */
  readonly busy: number;
  /** Ends all subscriptions, and the job. */
  close(): Promise<void>;
}

/** What a session is made of. */
export interface JobSessionSettings
  extends Pick<JobSession, 'job' | 'number' | 'host' | 'objects' | 'answer'> {
  readonly worker: string;
  /** Seals the messages between worker and supervisor. */
  readonly seal: Seal;
  /**
   * Numbers of commands that are not answered: the session adds them, and the sender of the answer
   * removes them.
   */
  readonly owed: Set<number>;
  /** Aborted when the job is over: ends answers under way. */
  readonly closing: AbortController;
  /** Called when the supervisor lets the worker go. */
  readonly onLeave: () => void;
}

/** Receives the messages to a worker of a job, and performs each command once. */
export function openJobSession(bus: Bus, settings: JobSessionSettings): JobSession {
  const { job, number, worker, host, objects, seal, answer, closing, onLeave } = settings;
  /** Numbers of commands that have come. */
  const seen = new Set<number>();
  /** Numbers of those whose answers are not delivered. */
  const owed = settings.owed;

  const commands = subjects.command(job, worker);
  const fetches = subjects.fetch(job, worker);
  const receive = (payload: Uint8Array): void => {
    // The supervisor checks whether the worker is subscribed.
    if (payload.length === 0) return;
    const command = readOrNothing(seal.open(commands, payload));
    // A replayed command of an earlier session of this job.
    if (command !== undefined && command.number <= number) return;
    // It has the number of the task to drop.
    if (command?.type === 'drop') host.receive(command);
    if (command === undefined || seen.has(command.number)) return;
    seen.add(command.number);
    if (command.type === 'leave') onLeave();
    else if (command.type !== 'join' && command.type !== 'drop') {
      owed.add(command.number);
      host.receive(command);
    }
  };
  const stops = [
    bus.subscribe(commands, receive),
    bus.subscribe(fetches, (payload) => {
      const request = readFetch(seal.open(fetches, payload));
      if (request.type === 'fetch') {
        return seal.closeInPlace(subjects.fetched(job, worker), host.fetch(request));
      }
      bus.publish(subjects.rowsForAll(job), host.publish(request), request.replyTo);
    }),
    ...[subjects.rows(job, worker), subjects.rowsForAll(job)].map((subject) =>
      bus.subscribe(subject, (payload, { replyTo }) => {
        host.takeRows(payload, replyTo);
        return acknowledgementOf(worker, seal, replyTo);
      }),
    ),
    bus.listen(subjects.alive(job), () => {
      session.missedBeats = 0;
    }),
  ];
  const session: JobSession = {
    ...{ job, number, host, objects, answer },
    missedBeats: 0,
    get busy() {
      return owed.size;
    },
    async close() {
      for (const stop of stops) stop();
      closing.abort();
      await host.close();
    },
  };
  return session;
}

/** A command; undefined if it is none of this version. */
export function readOrNothing(payload: Uint8Array): NodeCommand | undefined {
  try {
    return readCommand(payload);
  } catch {
    return undefined;
  }
}

/** Sends a worker's answers, each until it is acknowledged or the job is over. */
export function answerTo(
  bus: Bus,
  job: string,
  worker: string,
  seal: Seal,
  closing: AbortSignal,
): JobSession['answer'] {
  const subject = subjects.answer(job, worker);
  return async (answer) => {
    const isLast = answer.type === 'left' || answer.type === 'refused';
    const signal = isLast ? AbortSignal.timeout(leaveMs) : closing;
    await bus
      .deliver(subject, seal.close(subject, encodeAnswer(answer)), signal)
      // The supervisor does not wait for it any more.
      .catch(() => {});
  };
}
