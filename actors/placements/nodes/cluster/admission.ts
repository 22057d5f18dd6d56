import type { JobShape } from '../../../../src/kernels/job-layout.js';
import { packageVersion } from '../../../../src/version.js';
import { type Hello, subjects } from '../protocol/messages.js';
import { agreeOnKey, type KeyPair, newKeyPair } from '../seal/agree-on-key.js';
import { Seal } from '../seal/seal.js';
import type { Bus } from '../transport/nats.js';
import { Member } from './member.js';

/** To what workers are let in, and how. */
export interface AdmissionSettings {
  /** The job's id. */
  readonly job: string;
  readonly shape: JobShape;
  /** A number that no other command of the job has. */
  readonly nextNumber: () => number;
  /** Gives a node what every node needs, before it counts as a member. */
  readonly welcome: (member: Member) => Promise<unknown>;
  /** Called for one that does not want the job. */
  readonly refused: (hello: Hello, reason: string) => void;
  /** Called for one that has not joined in time. */
  readonly tooSlow: (member: Member) => void;
  /** Takes what a node answers, also while it joins. Throws if it has to come again. */
  readonly take: (member: Member, payload: Uint8Array) => void;
}

/** How long a worker may take to join. */
export const joinMs = 20_000;

/** Lets workers join a job, and hears them from then on. */
export class Admission {
  readonly #bus: Bus;
  readonly #settings: AdmissionSettings;
  /** By worker: those that are joining, or have joined and are no members yet. */
  readonly #candidates = new Map<string, Member>();
  readonly #joining = new Set<Promise<void>>();
  readonly #arrived = new Set<Member>();
  /** This job's half of the keys that it agrees on with its workers. */
  readonly #keys = newKeyPair();
  /** By worker: who it is now, and what ends the subscription to its answers. */
  readonly #heard = new Map<string, { member: Member; readonly unsubscribe: () => void }>();

  constructor(bus: Bus, settings: AdmissionSettings) {
    this.#bus = bus;
    this.#settings = settings;
  }

  /** Those that are joining, or have joined and were not taken yet. */
  get candidates(): readonly Member[] {
    return [...this.#candidates.values()];
  }

  /** The one that is joining and is this worker. */
  candidate(worker: string): Member | undefined {
    return this.#candidates.get(worker);
  }

  /** Resolves when nobody is joining any more. */
  async settled(): Promise<void> {
    while (this.#joining.size > 0) await Promise.all(this.#joining);
  }

  /** Whether nobody is joining. */
  get isSettled(): boolean {
    return this.#joining.size === 0;
  }

  /** Those that have joined since it was last asked, and are still there. */
  takeArrived(): Member[] {
    const arrived = [...this.#arrived].filter(({ isLost }) => !isLost);
    for (const { hello } of this.#arrived) this.#candidates.delete(hello.worker);
    this.#arrived.clear();
    return arrived;
  }

  /** Begins to let a worker join, unless it does. */
  join(hello: Hello): void {
    if (this.#candidates.has(hello.worker)) return;
    const joining = this.#join(hello).finally(() => this.#joining.delete(joining));
    this.#joining.add(joining);
  }

  /** Does not reject: who does not join is lost. */
  async #join(hello: Hello): Promise<void> {
    const { job, shape, nextNumber, welcome, refused, tooSlow } = this.#settings;
    const { worker } = hello;
    const seal = sealFor(this.#keys, hello, job);
    if (seal === undefined) return refused(hello, 'its key is none');
    const member = new Member(this.#bus, job, hello, seal);
    this.#hear(member);
    this.#candidates.set(worker, member);
    const patience = setTimeout(() => tooSlow(member), joinMs);
    try {
      const version = packageVersion;
      const key = this.#keys.publicKey;
      const answer = await member.ask(nextNumber(), { type: 'join', job, version, key, shape });
      if (answer.type === 'refused') refused(hello, answer.reason);
      if (answer.type !== 'joined') throw new Error(answer.type);
      await welcome(member);
      if (!member.isLost) this.#arrived.add(member);
    } catch {
      // The roster says why, unless it just vanished.
      member.lose('it did not join');
    } finally {
      clearTimeout(patience);
      if (member.isLost) this.#candidates.delete(worker);
    }
  }

  /** Nobody is heard any more. */
  close(): void {
    for (const { unsubscribe } of this.#heard.values()) unsubscribe();
  }

  /** Hears a worker as this member. One that joins again is heard without a gap. */
  #hear(member: Member): void {
    const { job, take } = this.#settings;
    const { worker } = member.hello;
    const known = this.#heard.get(worker);
    if (known !== undefined) {
      known.member = member;
      return;
    }
    const unsubscribe = this.#bus.subscribe(subjects.answer(job, worker), (payload) =>
      take(this.#heard.get(worker)!.member, payload),
    );
    this.#heard.set(worker, { member, unsubscribe });
  }
}

/** Nothing if the worker's half of the key is none. */
function sealFor(keys: KeyPair, { key, worker }: Hello, job: string): Seal | undefined {
  try {
    return new Seal(agreeOnKey(keys, key, job, worker));
  } catch {
    return undefined;
  }
}
