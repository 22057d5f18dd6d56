import { setTimeout as wait } from 'node:timers/promises';
import { packageVersion } from '../../../../src/io/manifest.js';
import { StoppedError } from '../../../errors.js';
import type { PlaceFault } from '../../placement.js';
import { decodeFrame } from '../bus/frame.js';
import type { Bus } from '../bus/nats.js';
import type { JobShape } from '../messages/job-shape.js';
import { encode, type Hello, subjects } from '../messages/messages.js';
import { readAnswer, readHello } from '../messages/read-message.js';
import { Member } from './member.js';
import { Roster } from './roster.js';
import { isEnough, tooFewError, type Wanted } from './wanted.js';

/** A job on nodes, and for whom it waits. */
export interface NodesSettings {
  /** Its id. */
  readonly job: string;
  readonly wanted: Wanted;
  /** Seconds. */
  readonly deadline: number;
  /** Seconds. */
  readonly lostAfter: number;
}

/** What the membership needs to know of its job. */
export interface MembershipSettings extends NodesSettings {
  readonly shape: JobShape;
  /** A number that no other command of the job has. */
  readonly nextNumber: () => number;
  readonly onFault: (fault: PlaceFault) => void;
  /** Called a few times a second. */
  readonly onTick: () => void;
  /** Whether the run was stopped while it waits. */
  readonly isStopped: () => boolean;
  /** Gives a node what every node needs, before it counts as a member. */
  readonly welcome: (member: Member) => Promise<unknown>;
}

const tickMs = 250;
/** Checks of a connection that must fail one after the other: a node whose server restarts has some time. */
const mostUnheardChecks = 3;
const joinMs = 20_000;
const mostMisfits = 1_000;
const farewellMs = 2_000;

/** Who works for a job: lets workers join, hears whether they live, and strikes off who does not. */
export class Membership {
  readonly #bus: Bus;
  readonly #settings: MembershipSettings;
  readonly #roster: Roster;
  readonly #members = new Map<string, Member>();
  /** Those that are joining. */
  readonly #candidates = new Map<string, Member>();
  /** By worker: what ends the subscription to its answers. */
  readonly #answers = new Map<string, () => void>();
  /** Workers that cannot be used, of which that is told. */
  readonly #misfits = new Set<string>();
  readonly #stops: (() => void)[] = [];
  readonly #closing = new AbortController();
  #joining: Promise<void> | undefined;
  /** Answers that came when nobody waited for them any more, so far. */
  lateAnswers = 0;

  constructor(bus: Bus, settings: MembershipSettings) {
    this.#bus = bus;
    this.#settings = settings;
    this.#roster = new Roster({
      job: settings.job,
      kernel: settings.shape.kernel,
      needsData: settings.shape.source !== undefined,
      mostMissedTicks: Math.ceil((settings.lostAfter * 1000) / tickMs),
    });
    const tick = setInterval(() => this.#tick(), tickMs);
    const unsubscribe = bus.subscribe(subjects.hello('*'), (payload) => this.#hear(payload));
    this.#stops.push(() => clearInterval(tick), unsubscribe);
    bus.onAway(() => {
      const { server } = bus;
      const message = `the NATS server at ${server} cannot be reached`;
      settings.onFault({ part: 'server', server, message, action: 'wait' });
    });
  }

  /** In the order in which they joined. */
  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** The member that is this worker, unless it is lost. */
  member(worker: string): Member | undefined {
    return this.#members.get(worker);
  }

  /** Resolves when there are enough members. Rejects with `PlacementError` after the deadline. */
  async gather(wanted: Wanted): Promise<void> {
    const { deadline, isStopped } = this.#settings;
    const { signal } = this.#closing;
    for (let waited = 0; ; waited += tickMs) {
      if (signal.aborted || isStopped()) throw new StoppedError();
      const candidates = this.#roster.candidates();
      if (isEnough(candidates, wanted)) {
        await this.enlist();
        if (
          isEnough(
            this.members.map(({ hello }) => hello),
            wanted,
          )
        )
          return;
      }
      if (waited >= deadline * 1000) {
        const { kernel } = this.#settings.shape;
        const { server } = this.#bus;
        throw tooFewError({ wanted, deadline, roster: this.#roster, server, kernel });
      }
      // When it is closed, the loop sees that.
      await wait(tickMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Lets everybody join who can and has not. */
  enlist(): Promise<void> {
    this.#joining ??= Promise.all(
      this.#roster
        .candidates()
        .filter(({ worker }) => !this.#members.has(worker))
        .map((hello) => this.#join(hello)),
    ).then(() => {
      this.#joining = undefined;
    });
    return this.#joining;
  }

  /** Strikes a member off; everything that waits for it fails. It may join again. */
  lose(member: Member, reason: string): void {
    const { worker, name: node } = member.hello;
    if (this.#members.get(worker) === member) {
      this.#members.delete(worker);
      if (!this.#closing.signal.aborted) {
        this.#settings.onFault({ part: 'node', node, message: reason, action: 'solve-elsewhere' });
      }
    }
    this.#roster.forget(worker);
    member.lose(reason);
  }

  /** Loses a member that cannot do its part of this job, and lets it go for good. */
  dismiss(member: Member, reason: string): void {
    this.#roster.refuse(member.hello.worker, reason);
    const leaving = member.ask(this.#settings.nextNumber(), { type: 'leave' });
    leaving.catch(() => {});
    this.lose(member, reason);
  }

  /** Loses everybody, for the server is lost; who gathers stops. */
  giveUp(reason: string): void {
    this.#closing.abort();
    for (const member of this.members) this.lose(member, reason);
  }

  /** Lets every member go. Nobody is heard any more. */
  async close(): Promise<void> {
    const members = [...this.#members.values(), ...this.#candidates.values()];
    const { nextNumber } = this.#settings;
    this.#closing.abort();
    await Promise.race([
      Promise.allSettled(members.map((member) => member.ask(nextNumber(), { type: 'leave' }))),
      wait(farewellMs, undefined, { ref: false }),
    ]);
    for (const member of members) this.lose(member, 'the job is over');
    for (const stop of [...this.#stops, ...this.#answers.values()]) stop();
  }

  async #join(hello: Hello): Promise<void> {
    const { job, shape, nextNumber, welcome } = this.#settings;
    const member = new Member(this.#bus, job, hello);
    const { worker } = hello;
    this.#answers.get(worker)?.();
    const subject = subjects.answer(job, worker);
    const unsubscribe = this.#bus.subscribe(subject, (payload) => this.#take(member, payload));
    this.#answers.set(worker, unsubscribe);
    this.#candidates.set(worker, member);
    const patience = setTimeout(() => member.lose('it does not join'), joinMs);
    try {
      const version = packageVersion;
      const answer = await member.ask(nextNumber(), { type: 'join', job, version, shape });
      if (answer.type === 'refused') this.#hearRefusal(hello, answer.reason);
      if (answer.type !== 'joined') throw new Error(answer.type);
      await welcome(member);
      if (!member.isLost) this.#members.set(worker, member);
    } catch {
      // The roster says why, unless it just vanished.
      member.lose('it did not join');
    } finally {
      clearTimeout(patience);
      this.#candidates.delete(worker);
    }
  }

  #hearRefusal({ worker, name: node }: Hello, reason: string): void {
    this.#roster.refuse(worker, reason);
    this.#settings.onFault({ part: 'node', node, message: reason, action: 'leave-out' });
  }

  /** Once, though the answer may come again. */
  #tellDeviceFault(member: Member, reason: string): void {
    if (member.hasDeviceFault) return;
    member.hasDeviceFault = true;
    const message = `${member.hello.name}: ${reason}`;
    this.#settings.onFault({ part: 'kernel', message, action: 'use-wasm' });
  }

  #take(member: Member, payload: Uint8Array): void {
    // Throws at a damaged one, which is sent again then.
    decodeFrame(payload);
    try {
      const answer = readAnswer(payload);
      if (answer.type === 'left') this.lose(member, 'it has left');
      else if (answer.type === 'fault') this.#tellDeviceFault(member, answer.message);
      else if (!member.take(answer)) this.lateAnswers++;
    } catch (error) {
      this.lose(member, `it answers nonsense: ${String(error)}`);
    }
  }

  #hear(payload: Uint8Array): void {
    try {
      const hello = readHello(payload);
      this.#roster.hear(hello);
      this.#tellMisfit(hello);
    } catch {
      // Not a worker of any version.
    }
  }

  /** Tells, once, of a worker that is there and cannot be used. */
  #tellMisfit(hello: Hello): void {
    const { worker, name: node } = hello;
    const message = this.#roster.misfit(hello);
    if (message === undefined || this.#misfits.has(worker)) return;
    // Whoever invents workers gets no further.
    if (this.#misfits.size === mostMisfits) return;
    this.#misfits.add(worker);
    this.#settings.onFault({ part: 'node', node, message, action: 'leave-out' });
  }

  #tick(): void {
    const { job, lostAfter } = this.#settings;
    this.#bus.publish(subjects.alive(job), encode({ type: 'alive' }));
    // Without a server nobody can be heard.
    if (!this.#bus.isConnected) return;
    for (const { worker } of this.#roster.tick()) {
      const member = this.#members.get(worker) ?? this.#candidates.get(worker);
      if (member) this.lose(member, `no sign of life for ${lostAfter} s`);
    }
    for (const member of this.#members.values()) void this.#check(member);
    this.#settings.onTick();
  }

  /** A process that is killed leaves its connection at once, long before it can be missed. */
  async #check(member: Member): Promise<void> {
    const isHeard = await this.#bus.isHeard(
      subjects.command(this.#settings.job, member.hello.worker),
    );
    if (isHeard === true) member.unheardChecks = 0;
    if (isHeard === false) member.unheardChecks++;
    if (member.unheardChecks >= mostUnheardChecks) this.lose(member, 'its connection has closed');
  }
}
