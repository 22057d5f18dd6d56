import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { StoppedError } from '../../../../src/errors.js';
import type { NodeFault } from '../../../run-event.js';
import type { ExecutorFault } from '../../placement.js';
import type { Hello, NodeAnswer } from '../protocol/messages.js';
import { readAnswer } from '../protocol/read-answer.js';
import type { Bus } from '../transport/bus.js';
import { Admission, type AdmissionSettings, joinMs } from './admission.js';
import { isEnough, type Wanted, WorkerDiscovery } from './discovery.js';
import { startHeartbeat } from './heartbeat.js';
import { JoinGrace } from './join-grace.js';
import type { Node } from './node.js';
import { reportServer } from './report-server.js';

/** A job on nodes, and which workers it waits for. */
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
export interface MembershipSettings
  extends NodesSettings,
    Pick<AdmissionSettings, 'shape' | 'isTooSmall' | 'nextNumber' | 'welcome'> {
  readonly onFault: (fault: ExecutorFault) => void;
  /** Called a few times a second. */
  readonly onTick: () => void;
  /** Whether the run was stopped while it waits. */
  readonly isStopped: () => boolean;
}

const gatherMs = 250;
const catchUpMs = 10;
const leaveMs = 2_000;

/**
 * The nodes of a job: lets workers join, watches whether they live, and removes those that are
 * lost.
 */
export class Membership {
  readonly #settings: MembershipSettings;
  readonly #discovery: WorkerDiscovery;
  readonly #admission: Admission;
  readonly #nodes = new Map<string, Node>();
  readonly #stops: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #grace = new JoinGrace(() => performance.now());
  /** Answers so far that came when no request waited for them any more. */
  lateAnswers = 0;

  constructor(bus: Bus, settings: MembershipSettings) {
    this.#settings = settings;
    const { job, shape, lostAfter, deadline, onTick } = settings;
    // Every block that waits for a node listens, and Node.js takes more than ten for a leak.
    setMaxListeners(0, this.#closing.signal);
    this.#discovery = new WorkerDiscovery(bus, {
      ...{ job, lostAfter, kernel: shape.kernel, needsData: shape.source !== undefined },
      onHello: (hello) => this.#hear(hello),
    });
    this.#admission = new Admission(bus, {
      ...settings,
      refused: (hello, reason) => this.#hearRefusal(hello, reason),
      tooSlow: (node) => {
        const reason = `it does not join within ${joinMs / 1000} s`;
        if (bus.isConnected) this.dismiss(node, reason);
        else this.lose(node, reason);
      },
      take: (node, payload) => this.#take(node, payload),
    });
    const heartbeat = {
      ...{ job, lostAfter, deadline, registry: this.#discovery.registry },
      candidates: () => this.#admission.candidates,
      dismiss: (node: Node, reason: string) => this.dismiss(node, reason),
      nodes: () => this.nodes,
      nodeOf: (worker: string) => this.node(worker) ?? this.#admission.candidate(worker),
      lose: (node: Node, reason: string) => this.lose(node, reason),
    };
    this.#stops.push(
      startHeartbeat(bus, heartbeat, onTick),
      () => this.#discovery.close(),
      () => this.#admission.close(),
    );
    reportServer(bus, settings.onFault);
  }

  /** In the order in which they joined. */
  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  /** The node of this name; undefined if it is lost. */
  node(worker: string): Node | undefined {
    return this.#nodes.get(worker);
  }

  /** Nodes without tasks of a past phase: their memory may change. */
  get ready(): readonly Node[] {
    return this.nodes.filter((node) => !node.isBehind);
  }

  /** Waits up to `maxMs` for nodes that are behind; if all are, until one has caught up. */
  async letCatchUp(maxMs: number): Promise<void> {
    const { signal } = this.#closing;
    for (let waited = 0; !signal.aborted; waited += catchUpMs) {
      const behind = this.nodes.length - this.ready.length;
      if (behind === 0 || (waited >= maxMs && behind < this.nodes.length)) return;
      await wait(catchUpMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when there are enough nodes. Rejects with `PlacementError` after the deadline. */
  async gather(wanted: Wanted): Promise<void> {
    const { deadline, isStopped } = this.#settings;
    const { signal } = this.#closing;
    await this.#discovery.until({ wanted, deadline, signal, everyMs: gatherMs }, async (leftMs) => {
      if (isStopped()) throw new StoppedError();
      if (!isEnough(this.#discovery.registry.candidates(), wanted)) return undefined;
      await this.enlist(leftMs);
      const joined = this.nodes.map(({ hello }) => hello);
      return isEnough(joined, wanted) || undefined;
    });
  }

  /**
   * Lets every candidate join that has not. Waits a little for them: one that takes longer counts
   * when this is called again.
   *
   * @param maxMs how long it may take
   */
  async enlist(maxMs = Number.POSITIVE_INFINITY): Promise<void> {
    for (const hello of this.#discovery.registry.candidates()) {
      if (!this.#nodes.has(hello.worker)) this.#admission.join(hello);
    }
    await this.#grace.wait(this.#admission, maxMs, this.#closing.signal);
    for (const node of this.#admission.takeArrived()) {
      this.#nodes.set(node.hello.worker, node);
    }
  }

  /** Removes a node; everything that waits for it fails. It may join again. */
  lose(node: Node, reason: string): void {
    const { worker, name } = node.hello;
    if (this.#nodes.get(worker) === node) {
      this.#nodes.delete(worker);
      if (!this.#closing.signal.aborted) {
        this.#report(name, reason, 'solve-elsewhere');
      }
    }
    this.#discovery.registry.forget(worker);
    node.lose(reason);
  }

  /** Removes a node for good that cannot do its part of this job, or does not. */
  dismiss(node: Node, reason: string): void {
    if (node.isLost) return;
    const { worker, name } = node.hello;
    this.#discovery.registry.refuse(worker, reason);
    if (!this.#nodes.has(worker)) {
      this.#report(name, reason, 'leave-out');
    }
    const leaving = node.ask(this.#settings.nextNumber(), { type: 'leave' });
    leaving.catch(() => {});
    this.lose(node, reason);
  }

  /** Removes all nodes because the server is lost; `gather` stops. */
  giveUp(reason: string): void {
    this.#closing.abort();
    for (const node of this.nodes) this.lose(node, reason);
  }

  /** Lets every node go, and ends all subscriptions. */
  async close(): Promise<void> {
    const nodes = [...this.nodes, ...this.#admission.candidates];
    const { nextNumber } = this.#settings;
    this.#closing.abort();
    await Promise.race([
      Promise.allSettled(nodes.map((node) => node.ask(nextNumber(), { type: 'leave' }))),
      wait(leaveMs, undefined, { ref: false }),
    ]);
    for (const node of nodes) this.lose(node, 'the job is over');
    for (const stop of this.#stops) stop();
  }

  #report(node: string, message: string, action: NodeFault['action']): void {
    this.#settings.onFault({ component: 'node', node, message, action });
  }

  #hearRefusal({ worker, name }: Hello, reason: string): void {
    this.#discovery.registry.refuse(worker, reason);
    this.#report(name, reason, 'leave-out');
  }

  /** Reports a failed GPU once, though the answer may come again. */
  #tellGpuFault(node: Node, reason: string): void {
    if (node.hasGpuFault) return;
    node.hasGpuFault = true;
    const message = `${node.hello.name}: ${reason}`;
    this.#settings.onFault({ component: 'kernel', message, action: 'use-wasm' });
  }

  #take(node: Node, payload: Uint8Array): void {
    const answer = this.#open(node, payload);
    try {
      this.#hearAnswer(node, readAnswer(answer));
    } catch (error) {
      this.lose(node, `it answers nonsense: ${String(error)}`);
    }
  }

  /**
   * Checks the seal. Throws if it is wrong: a damaged answer is sent again, a forged one is
   * ignored.
   */
  #open(node: Node, payload: Uint8Array): Uint8Array {
    try {
      return node.open(payload);
    } catch (error) {
      if (!node.wasForged) {
        node.wasForged = true;
        const { name } = node.hello;
        const message = 'an answer in its name has a wrong seal: damaged or forged';
        this.#report(name, message, 'send-again');
      }
      throw error;
    }
  }

  #hearAnswer(node: Node, answer: NodeAnswer): void {
    if (answer.type === 'left') this.lose(node, 'it has left');
    else if (answer.type === 'fault') this.#tellGpuFault(node, answer.message);
    else if (!node.take(answer)) this.lateAnswers++;
  }

  #hear(hello: Hello): void {
    const { worker, busy } = hello;
    const node = this.node(worker) ?? this.#admission.candidate(worker);
    if (node !== undefined) node.busy = busy;
    this.#tellMisfit(hello);
  }

  /** Reports once a worker that is there and cannot be used. */
  #tellMisfit(hello: Hello): void {
    const message = this.#discovery.registry.newMisfit(hello);
    if (message === undefined) return;
    this.#report(hello.name, message, 'leave-out');
  }
}
