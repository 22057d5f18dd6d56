import { encode, subjects } from '../protocol/messages.js';
import type { Bus } from '../transport/nats.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';
import { silenceOf, tickMs } from './silence.js';

/** Whose signs of life are looked for. */
export interface HeartbeatSettings {
  readonly job: string;
  readonly roster: Roster;
  /** A worker that is silent for so long is lost; seconds. */
  readonly lostAfter: number;
  readonly members: () => readonly Member[];
  /** The member, or who is joining, that is this worker. */
  readonly memberOf: (worker: string) => Member | undefined;
  readonly lose: (member: Member, reason: string) => void;
  /** Seconds that the job waits for nodes. */
  readonly deadline: number;
  /** Those that are joining. */
  readonly candidates: () => readonly Member[];
  /** Loses one that lives and does nothing, for good. */
  readonly dismiss: (member: Member, reason: string) => void;
}

/** Checks of a connection that must fail one after the other: a node whose server restarts has some time. */
const maxUnheardChecks = 3;

/**
 * Tells a job's nodes a few times a second that it is alive, and finds out whether they are: they say
 * hello, and the server knows whether anybody listens at the end of their connection.
 *
 * @param onTick called after every look
 * @returns what ends that
 */
export function startHeartbeat(
  bus: Bus,
  settings: HeartbeatSettings,
  onTick: () => void,
): () => void {
  const { job, roster, lostAfter, members, memberOf, lose } = settings;
  const { deadline, candidates, dismiss } = settings;

  /** A process that is killed leaves its connection at once, long before it can be missed. */
  async function checkConnection(member: Member): Promise<void> {
    const isHeard = await bus.isHeard(subjects.command(job, member.hello.worker));
    if (isHeard === true) member.unheardChecks = 0;
    if (isHeard === false) member.unheardChecks++;
    if (member.unheardChecks >= maxUnheardChecks) lose(member, 'its connection has closed');
  }

  const timer = setInterval(() => {
    bus.publish(subjects.alive(job), encode({ type: 'alive' }));
    // Without a server nobody can be heard.
    if (!bus.isConnected) return;
    for (const { worker } of roster.tick()) {
      const member = memberOf(worker);
      if (member) lose(member, `no sign of life for ${lostAfter} s`);
    }
    for (const member of members()) void checkConnection(member);
    for (const member of [...members(), ...candidates()]) {
      const silence = silenceOf(member, deadline);
      if (silence !== undefined) dismiss(member, silence);
    }
    onTick();
  }, tickMs);
  return () => clearInterval(timer);
}
