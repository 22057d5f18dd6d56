import type { BlockTask, JobLayout } from '../../../src/kernels/kernel.js';
import type { Side } from '../../../src/ratings/ratings.js';
import type { PhaseId } from '../../../src/training/phases.js';
import { asError } from '../../as-error.js';
import { NodeLostError, PlacementError } from '../../errors.js';
import type { BlockResult } from '../../protocol.js';
import type { Broadcast, PlacedJob, PlaceFault } from '../placement.js';
import { fromWire } from '../wire-error.js';
import { assignBlocks } from './assign-blocks.js';
import { shapeOf } from './job-shape.js';
import type { Member } from './member.js';
import { Membership, type NodesSettings } from './membership.js';
import { answerObject, bucketOf } from './messages.js';
import type { Bus } from './nats.js';
import type { Objects } from './objects.js';
import { PartSender } from './part-sender.js';
import { partsRead, rangesWritten } from './parts.js';

const anybody = Object.freeze({ workers: 1, threads: 1 });

/**
 * The supervisor's end of a job on nodes. Its memory stays what it is on one machine: parts go out
 * of it to the nodes, and solved rows and Gram matrices come back to where the layout has them.
 */
export class PlacedNodes implements PlacedJob {
  readonly #bus: Bus;
  readonly #job: JobLayout;
  readonly #objects: Objects;
  readonly #sender: PartSender;
  readonly #membership: Membership;
  readonly #owners: Record<Side, (string | undefined)[]> = { user: [], item: [] };
  /** Blocks whose node was lost before they were handed out: it is told when they are. */
  readonly #orphans = new Map<string, Error>();
  readonly #solving = new Set<Promise<unknown>>();
  #lastNumber = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    bus: Bus,
    job: JobLayout,
    objects: Objects,
    settings: NodesSettings,
    onFault: (fault: PlaceFault) => void,
  ) {
    const nextNumber = () => ++this.#lastNumber;
    const stopFlag = new Int32Array(job.memory.buffer, job.stopFlag, 1);
    this.#bus = bus;
    this.#job = job;
    this.#objects = objects;
    this.#sender = new PartSender(job, objects, nextNumber, (member, reason) =>
      this.#membership.lose(member, reason),
    );
    this.#membership = new Membership(bus, {
      ...settings,
      shape: shapeOf(job),
      nextNumber,
      onFault,
      // A run that is stopped before it has begun tells so by the job's memory alone.
      isStopped: () => Atomics.load(stopFlag, 0) !== 0,
      welcome: (member) =>
        this.#sender.giveAll(member, [
          { type: 'rows', side: 'user' },
          { type: 'rows', side: 'item' },
        ]),
    });
  }

  /**
   * Waits for the workers that are wanted and lets them join. The bus is its from here.
   * Rejects with `PlacementError` or `ConnectionError`, and leaves nothing behind.
   */
  static async open(
    bus: Bus,
    job: JobLayout,
    settings: NodesSettings,
    onFault: (fault: PlaceFault) => void = () => {},
  ): Promise<PlacedNodes> {
    let placed: PlacedNodes | undefined;
    try {
      const objects = await bus.objects(bucketOf(settings.job), true);
      placed = new PlacedNodes(bus, job, objects, settings, onFault);
      await placed.#membership.gather(settings.wanted);
      return placed;
    } catch (error) {
      await (placed ?? bus).close();
      throw error;
    }
  }

  /** Answers that came when nobody waited for them any more. */
  get droppedAnswers(): number {
    return this.#membership.droppedAnswers;
  }

  async broadcast(phase: PhaseId): Promise<Broadcast> {
    const parts = partsRead(this.#job, phase);
    this.#sender.dropAllBut(parts);
    for (;;) {
      if (this.#membership.members.length === 0) await this.#membership.gather(anybody);
      else await this.#membership.enlist();
      const { members } = this.#membership;
      const sent = await Promise.allSettled(
        members.map((member) => this.#sender.giveAll(member, parts)),
      );
      let bytes = 0;
      for (const [at, each] of sent.entries()) {
        if (each.status === 'fulfilled') bytes += each.value;
        else this.#orphan(phase.side, members[at]!, asError(each.reason));
      }
      if (this.#membership.members.length === 0) continue;
      this.#assign(phase.side);
      return { bytes, plainBytes: bytes };
    }
  }

  async solve(task: BlockTask): Promise<BlockResult> {
    if (this.#closed !== undefined) throw closedError();
    const solving = this.#solve(task);
    this.#solving.add(solving);
    try {
      return await solving;
    } finally {
      this.#solving.delete(solving);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #solve(task: BlockTask): Promise<BlockResult> {
    const { side, block } = task;
    const key = `${side}-${block}`;
    const lost = this.#orphans.get(key);
    if (lost !== undefined) {
      this.#orphans.delete(key);
      throw lost;
    }
    const member = await this.#ownerOf(task);
    const parts = partsRead(this.#job, task);
    if (task.kind === 'solve') parts.push({ type: 'ratings', side, block });
    await this.#sender.giveAll(member, parts);

    const number = ++this.#lastNumber;
    const answer = await member.ask(number, { type: 'solve', task });
    if (answer.type === 'failed') throw fromWire(answer.error);
    if (answer.type !== 'solved') throw new NodeLostError(member.hello.name, answer.type);
    const { memory } = this.#job;
    await this.#objects.get(answerObject(number), memory.buffer, rangesWritten(this.#job, task));
    if (this.#closed !== undefined) throw closedError();
    void this.#objects.remove(answerObject(number));
    const { result } = answer;
    return { ...result, where: `${member.hello.name}, ${result.where}` };
  }

  /** The node that has a block. Waits for one to come if there is none. */
  async #ownerOf({ side, block }: BlockTask): Promise<Member> {
    for (;;) {
      if (this.#closed !== undefined) throw closedError();
      const member = this.#membership.member(this.#owners[side][block] ?? '');
      if (member !== undefined) return member;
      if (this.#membership.members.length === 0) await this.#membership.gather(anybody);
      this.#assign(side);
    }
  }

  /** Shares the blocks of a side out to the members. */
  #assign(side: Side): void {
    const { blockStarts, ratings, rowCount } = this.#job[side];
    const offsets = new Uint32Array(this.#job.memory.buffer, ratings.offsets, rowCount + 1);
    const weights = blockStarts.slice(1).map((end, block) => {
      const first = blockStarts[block]!;
      return offsets[end]! - offsets[first]! + end - first;
    });
    const capacities = this.#membership.members.map(({ hello: { worker, threads } }) => ({
      node: worker,
      threads,
    }));
    if (capacities.length === 0) return;
    const owners = weights.map((_, block) => this.#owners[side][block]);
    this.#owners[side] = assignBlocks(weights, capacities, owners);
  }

  /** Remembers for its blocks why a node did not get what a phase reads. */
  #orphan(side: Side, { hello }: Member, error: Error): void {
    for (const [block, owner] of this.#owners[side].entries()) {
      if (owner === hello.worker) this.#orphans.set(`${side}-${block}`, error);
    }
  }

  async #close(): Promise<void> {
    await this.#membership.close();
    await this.#objects.destroy();
    await this.#bus.close();
    // What was still coming would be written to the job's memory.
    await Promise.allSettled([...this.#solving]);
  }
}

function closedError(): PlacementError {
  return new PlacementError('the placement is closed; expected tasks before close()');
}
