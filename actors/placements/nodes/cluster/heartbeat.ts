import { encode, subjects } from '../protocol/messages.js';
import type { Bus } from '../transport/nats.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';
import { silenceOf, tickMs } from './silence.js';

/** The nodes to watch, and what to call. */
export interface HeartbeatSettings {
  readonly job: string;
  readonly roster: Roster;
  /** A worker that is silent for so long is lost; seconds. */
  readonly lostAfter: number;
  readonly members: () => readonly Member[];
  /** The member or candidate of this name. */
  readonly memberOf: (worker: string) => Member | undefined;
  readonly lose: (member: Member, reason: string) => void;
  /** Seconds that the job waits for nodes. */
  readonly deadline: number;
  /** Those that are joining. */
  readonly candidates: () => readonly Member[];
  /** Removes a node for good that lives and does nothing. */
  readonly dismiss: (member: Member, reason: string) => void;
}

/**
 * Checks in a row that must fail before a connection counts as closed: its server may be
 * restarting.
 */
const maxUnheardChecks = 3;

/**
 * Sends a job's nodes a sign of life a few times a second, and watches theirs: they say hello, and
 * the server knows whether they are still subscribed.
 *
 * @param onTick called after every check
 * @returns what ends that
 */
export function startHeartbeat(
  bus: Bus,
  settings: HeartbeatSettings,
  onTick: () => void,
): () => void {
  const { job, roster, lostAfter, members, memberOf, lose } = settings;
  const { deadline, candidates, dismiss } = settings;

  /** A killed process closes its connection at once, long before its hellos are missed. */
  async function checkConnection(member: Member): Promise<void> {
    const isHeard = await bus.isHeard(subjects.command(job, member.hello.worker));
    if (isHeard === true) member.unheardChecks = 0;
    if (isHeard === false) member.unheardChecks++;
    if (member.unheardChecks >= maxUnheardChecks) lose(member, 'its connection has closed');
  }

  const timer = setInterval(() => {
    bus.publish(subjects.alive(job), encode({ type: 'alive' }));
    // Without a server no node can be heard.
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
