import type { JobShape } from '../../../../src/kernels/lay-out-job.js';
import { packageVersion } from '../../../../src/version.js';
import { type Hello, subjects } from '../protocol/messages.js';
import { agreeOnKey, type KeyPair, newKeyPair } from '../seal/agree-on-key.js';
import { Seal } from '../seal/seal.js';
import type { Bus } from '../transport/bus.js';
import { Node } from './node.js';

/** The job that workers join, and what to call. */
export interface AdmissionSettings {
  /** The job's id. */
  readonly job: string;
  readonly shape: JobShape;
  /** Whether a worker has too little memory for the whole job. */
  readonly isTooSmall: (hello: Hello) => boolean;
  /** A number that no other command of the job has. */
  readonly nextNumber: () => number;
  /** Sends a node what every node needs, before it has joined. */
  readonly welcome: (node: Node) => Promise<unknown>;
  /** Called for a worker that refuses the job. */
  readonly refused: (hello: Hello, reason: string) => void;
  /** Called for a worker that has not joined in time. */
  readonly tooSlow: (node: Node) => void;
  /** Takes a node's answer, also while it joins. Throws if the node must send it again. */
  readonly take: (node: Node, payload: Uint8Array) => void;
}

/** How long a worker may take to join. */
export const joinMs = 20_000;

/** Lets workers join a job, and receives their answers from then on. */
export class Admission {
  readonly #bus: Bus;
  readonly #settings: AdmissionSettings;
  /** By worker: those that are joining, or have joined and are not nodes yet. */
  readonly #candidates = new Map<string, Node>();
  readonly #joining = new Set<Promise<void>>();
  readonly #arrived = new Set<Node>();
  /** The key pair of this job, for the keys that it agrees on with its workers. */
  readonly #keys = newKeyPair();
  /** By worker: its node now, and what ends the subscription to its answers. */
  readonly #heard = new Map<string, { node: Node; readonly unsubscribe: () => void }>();

  constructor(bus: Bus, settings: AdmissionSettings) {
    this.#bus = bus;
    this.#settings = settings;
  }

  /** Those that are joining, or have joined and were not taken yet. */
  get candidates(): readonly Node[] {
    return [...this.#candidates.values()];
  }

  /** The candidate of this name. */
  candidate(worker: string): Node | undefined {
    return this.#candidates.get(worker);
  }

  /** Resolves when no worker is joining. */
  async settled(): Promise<void> {
    while (this.#joining.size > 0) await Promise.all(this.#joining);
  }

  /** Whether no worker is joining. */
  get isSettled(): boolean {
    return this.#joining.size === 0;
  }

  /** Workers that have joined since the last call and are still there. */
  takeArrived(): Node[] {
    const arrived = [...this.#arrived].filter(({ isLost }) => !isLost);
    for (const { hello } of this.#arrived) this.#candidates.delete(hello.worker);
    this.#arrived.clear();
    return arrived;
  }

  /** Lets a worker begin to join, unless it is joining already. */
  join(hello: Hello): void {
    if (this.#candidates.has(hello.worker)) return;
    const joining = this.#join(hello).finally(() => this.#joining.delete(joining));
    this.#joining.add(joining);
  }

  /** Does not reject: a worker that does not join is lost. */
  async #join(hello: Hello): Promise<void> {
    const { job, shape, isTooSmall, nextNumber, welcome, refused, tooSlow } = this.#settings;
    const { worker } = hello;
    const seal = sealFor(this.#keys, hello, job);
    if (seal === undefined) return refused(hello, 'its public key is invalid');
    const node = new Node(this.#bus, job, hello, seal, isTooSmall(hello));
    this.#hear(node);
    this.#candidates.set(worker, node);
    const timer = setTimeout(() => tooSlow(node), joinMs);
    try {
      const version = packageVersion;
      const key = this.#keys.publicKey;
      const { inParts } = node;
      const request = { type: 'join', job, version, key, shape, inParts } as const;
      const answer = await node.ask(nextNumber(), request);
      if (answer.type === 'refused') refused(hello, answer.reason);
      if (answer.type !== 'joined') throw new Error(answer.type);
      await welcome(node);
      if (!node.isLost) this.#arrived.add(node);
    } catch {
      // The registry has the reason, unless the worker just vanished.
      node.lose('it did not join');
    } finally {
      clearTimeout(timer);
      if (node.isLost) this.#candidates.delete(worker);
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const { unsubscribe } of this.#heard.values()) unsubscribe();
  }

  /** Receives a worker's answers as this node. If it joins again, no answer is lost. */
  #hear(node: Node): void {
    const { job, take } = this.#settings;
    const { worker } = node.hello;
    const known = this.#heard.get(worker);
    if (known !== undefined) {
      known.node = node;
      return;
    }
    const unsubscribe = this.#bus.subscribe(subjects.answer(job, worker), (payload) =>
      take(this.#heard.get(worker)!.node, payload),
    );
    this.#heard.set(worker, { node, unsubscribe });
  }
}

/** Undefined if the worker's public key is invalid. */
function sealFor(keys: KeyPair, { key, worker }: Hello, job: string): Seal | undefined {
  try {
    return new Seal(agreeOnKey(keys, key, job, worker));
  } catch {
    return undefined;
  }
}
