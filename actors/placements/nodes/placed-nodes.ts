import { setTimeout as wait } from 'node:timers/promises';
import {
  type BlockTask,
  fixedGeneration,
  type JobLayout,
  opposite,
} from '../../../src/kernels/kernel.js';
import type { Side } from '../../../src/ratings/ratings.js';
import type { PhaseId } from '../../../src/training/phases.js';
import { asError } from '../../as-error.js';
import { NodeLostError, PlacementError, StoppedError } from '../../errors.js';
import type { BlockResult } from '../../protocol.js';
import type { Broadcast, PlacedJob, PlaceFault } from '../placement.js';
import { fromWire } from '../wire-error.js';
import { BlockOwners } from './blocks/block-owners.js';
import { NodeSpeeds } from './blocks/node-speeds.js';
import { PhaseBoard } from './blocks/phase-board.js';
import { type SolvedTask, TaskRun } from './blocks/task-run.js';
import type { Bus } from './bus/nats.js';
import type { Objects } from './bus/objects.js';
import type { Member } from './members/member.js';
import { Membership, type NodesSettings } from './members/membership.js';
import type { RowChoice } from './members/row-readers.js';
import type { Wanted } from './members/wanted.js';
import { shapeOf } from './messages/job-shape.js';
import { bucketOf } from './messages/messages.js';
import { rangesWritten } from './messages/parts.js';
import { AnswerFetcher } from './transfer/answer-fetcher.js';
import { PartSender } from './transfer/part-sender.js';
import { plainBytesOf, Routing, type RoutingMode } from './transfer/routing.js';
import { RowSender, type RowWant } from './transfer/row-sender.js';
import { RowSharer } from './transfer/row-sharer.js';

/** Share of a phase's time that the next one waits for nodes that are behind. */
const patience = 0.2;
const catchUpMs = 10;

const anybody: Wanted = Object.freeze({ workers: 1, threads: 1 });

/** A job on nodes, for whom it waits, and what they get. */
export interface PlacedSettings extends NodesSettings {
  readonly routing: RoutingMode;
}

/**
 * The supervisor's end of a job on nodes. Its memory stays what it is on one machine: parts go out
 * of it to the nodes, and solved rows and Gram matrices come back to where the layout has them.
 */
export class PlacedNodes implements PlacedJob {
  readonly #bus: Bus;
  readonly #job: JobLayout;
  readonly #objects: Objects;
  readonly #sender: PartSender;
  readonly #fetcher: AnswerFetcher;
  readonly #rows: RowSender;
  readonly #sharer: RowSharer;
  readonly #routing: Routing;
  readonly #membership: Membership;
  readonly #owners: BlockOwners;
  readonly #deadline: number;
  readonly #solving = new Set<Promise<unknown>>();
  readonly #onFault: (fault: PlaceFault) => void;
  readonly #speeds = new NodeSpeeds();
  /** Workers of which this phase has told that they are slow. */
  readonly #slow = new Set<string>();
  #board = this.#newBoard();
  #phaseBeganMs = performance.now();
  /** What the phase before took. */
  #phaseMs = 0;
  #lastNumber = 0;
  /** Of the bytes sent, those that a phase has reported. */
  #toldBytes = 0;
  /** When the first node was lost since a block was solved. */
  #losingSinceMs: number | undefined;
  /** Why the server is given up. */
  #broken: Error | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    bus: Bus,
    job: JobLayout,
    objects: Objects,
    settings: PlacedSettings,
    onFault: (fault: PlaceFault) => void,
  ) {
    const nextNumber = () => ++this.#lastNumber;
    const stopFlag = new Int32Array(job.memory.buffer, job.stopFlag, 1);
    this.#bus = bus;
    this.#job = job;
    this.#owners = new BlockOwners(job);
    this.#deadline = settings.deadline;
    this.#onFault = onFault;
    this.#objects = objects;
    this.#sender = new PartSender(job, objects, nextNumber, {
      giveUp: (member, reason) => this.#membership.lose(member, reason),
      dismiss: (member, reason) => this.#membership.dismiss(member, reason),
      sendAgain: ({ hello: { name: node } }, message) =>
        onFault({ part: 'node', node, message, action: 'send-again' }),
    });
    this.#fetcher = new AnswerFetcher(bus, settings.job, job.memory.buffer);
    this.#routing = new Routing(job, settings.routing);
    this.#rows = new RowSender(bus, {
      id: settings.job,
      job,
      members: () => this.#membership.members,
      readers: (side) => this.#routing.readers(side),
      giveUp: (member, reason) => this.#membership.lose(member, reason),
    });
    this.#sharer = new RowSharer(bus, settings.job, job, this.#rows);
    this.#membership = new Membership(bus, {
      ...settings,
      shape: shapeOf(job),
      nextNumber,
      onFault,
      onTick: () => this.#balance(),
      // A run that is stopped before it has begun tells so by the job's memory alone.
      isStopped: () => Atomics.load(stopFlag, 0) !== 0,
      welcome: (member) =>
        this.#sender.giveAll(member, [
          { type: 'rows', side: 'user' },
          { type: 'rows', side: 'item' },
        ]),
    });
    void bus.closed.then((error) => {
      if (error === undefined) return;
      this.#broken = asError(error);
      this.#membership.giveUp('the NATS server is away');
    });
  }

  /**
   * Waits for the workers that are wanted and lets them join. The bus is its from here.
   * Rejects with `PlacementError` or `ConnectionError`, and leaves nothing behind.
   */
  static async open(
    bus: Bus,
    job: JobLayout,
    settings: PlacedSettings,
    onFault: (fault: PlaceFault) => void = () => {},
  ): Promise<PlacedNodes> {
    let placed: PlacedNodes | undefined;
    try {
      const objects = await bus.objects(bucketOf(settings.job), true);
      placed = new PlacedNodes(bus, job, objects, settings, onFault);
      await placed.#gather(settings.wanted);
      return placed;
    } catch (error) {
      await (placed ?? bus).close();
      throw error;
    }
  }

  takeLateAnswers(): number {
    const { lateAnswers } = this.#membership;
    this.#membership.lateAnswers = 0;
    return lateAnswers;
  }

  async broadcast(phase: PhaseId): Promise<Broadcast> {
    this.#endPhase();
    for (;;) {
      if (this.#membership.members.length === 0) await this.#gather(anybody);
      else await this.#membership.enlist();
      await this.#letCatchUp(patience * this.#phaseMs);
      // What is still under way must not be sent when its memory has been written over.
      await this.#rows.idle();
      if (this.#ready.length > 0) break;
      if (this.#membership.members.length === 0) this.#endureLoss();
    }
    const { side } = phase;
    this.#assign(side);
    // Who reads what this phase solves is to be known when it is solved.
    this.#assign(opposite(side));
    this.#beginPhase();
    this.#sendTo(this.#ready, phase);
    const bytes = this.#rows.sentBytes - this.#toldBytes;
    this.#toldBytes = this.#rows.sentBytes;
    const nodes = this.#membership.members.length;
    const plainBytes =
      phase.kind === 'gram' ? bytes : plainBytesOf(this.#job, opposite(side), nodes);
    return { bytes, plainBytes };
  }

  async solve(task: BlockTask): Promise<BlockResult> {
    this.#throwIfOver();
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

  /** Solves a task at the block's node; if that is lost, at the next one that has the block then. */
  async #solve(task: BlockTask): Promise<BlockResult> {
    const work = this.#owners.workOf(task.side, task.block);
    const attempt = (member: Member, over: AbortSignal) => this.#solveAt(member, task, over);
    for (;;) {
      const member = await this.#ownerOf(task);
      const run = new TaskRun(task, work, attempt);
      this.#board.give(member, run);
      run.tryAt(member);
      try {
        const result = await this.#gatherFrom(run);
        this.#losingSinceMs = undefined;
        return result;
      } catch (error) {
        this.#throwIfOver();
        if (!(error instanceof NodeLostError)) throw error;
        this.#endureLoss();
      } finally {
        this.#board.drop(run);
        this.#balance();
      }
    }
  }

  async #solveAt(member: Member, task: BlockTask, over: AbortSignal): Promise<SolvedTask> {
    const { side, block } = task;
    const wants = this.#wantsOf(task, [block]);
    this.#rows.send(new Map([[member, wants]]));
    if (task.kind === 'solve') {
      await this.#sender.giveAll(member, [{ type: 'ratings', side, block }]);
    }
    await this.#rows.arrived(member, wants);

    if (over.aborted) throw new StoppedError();
    this.#board.ask(member);
    const answer = await member.ask(++this.#lastNumber, { type: 'solve', task }, over);
    if (answer.type === 'failed') throw fromWire(answer.error);
    if (answer.type !== 'solved') throw new NodeLostError(member.hello.name, answer.type);
    return { member, answer };
  }

  /** Waits for a task's first answer and copies what it left to where the layout has it. */
  async #gatherFrom(run: TaskRun): Promise<BlockResult> {
    const { member, answer } = await run.solved;
    this.#board.solve(run, member);
    const { number, result, written } = answer;
    const ranges = rangesWritten(this.#job, run.task);
    const receivers = written.length === 0 ? this.#readersOfAll(member, run) : [];
    if (receivers.length > 0) {
      const gramStart = ranges[0]!.bytes;
      await Promise.all([
        this.#sharer.share(member, number, run.task, receivers),
        this.#fetcher.fetch(member, number, ranges, written, gramStart),
      ]);
    } else {
      await this.#fetcher.fetch(member, number, ranges, written);
    }
    this.#throwIfOver();
    if (run.task.kind === 'solve') this.#sendAhead(member, run);
    return { ...result, where: `${member.hello.name}, ${result.where}` };
  }

  /** Has a node that has nothing to do solve what waits at a slow one. */
  #balance(): void {
    const handOver = this.#board.handOver(this.#ready);
    if (handOver === undefined) return;
    const { task: run, from, to } = handOver;
    const { worker, name: node } = from.member.hello;
    this.#board.give(to.member, run);
    run.tryAt(to.member);
    // One that nobody hears is rather dead, which is told soon.
    if (this.#slow.has(worker) || from.member.unheardChecks > 0) return;
    this.#slow.add(worker);
    const { side, block } = run.task;
    const message = `it is slow: ${to.member.hello.name} solves ${side} block ${block} as well`;
    this.#onFault({ part: 'node', node, message, action: 'solve-elsewhere' });
  }

  /** What a node that solves these blocks reads in a phase and the phase before has changed. */
  #wantsOf(phase: PhaseId, blocks: readonly number[]): RowWant[] {
    const { kind, side, iteration } = phase;
    const generation = kind === 'gram' ? iteration : iteration - 1;
    const own = blocks.map((block): RowWant => {
      return { table: { type: 'factors', side, generation }, block, choice: 'all' };
    });
    if (kind === 'gram' || blocks.length === 0) return own;
    const fixed = {
      side: opposite(side),
      generation: fixedGeneration(this.#job, { ...phase, block: 0 }),
    };
    const choice = this.#choice(fixed.side, blocks);
    const read = this.#job[fixed.side].blockStarts.slice(1).map((_, block): RowWant => {
      return { table: { type: 'factors', ...fixed }, block, choice };
    });
    return [{ table: { type: 'gram', ...fixed }, block: 0, choice: 'all' }, ...read, ...own];
  }

  /** Which rows of a fixed side a node gets that solves these blocks. */
  #choice(fixed: Side, blocks: readonly number[]): RowChoice {
    const [owners, solvers] = [fixed, opposite(fixed)].map((side) => this.#owners.ownersOf(side));
    return this.#routing.choice(fixed, blocks, owners!, solvers!);
  }

  /** Sends nodes what their blocks read in a phase, unless they have it. */
  #sendTo(members: readonly Member[], phase: PhaseId): void {
    const wants = new Map<Member, RowWant[]>();
    for (const member of members) {
      const wanted = this.#wantsOf(phase, this.#owners.blocksOf(phase.side, member.hello.worker));
      member.held.keepOnly(wanted.map(({ table }) => table));
      wants.set(member, wanted);
    }
    this.#rows.send(wants);
  }

  /** Sends solved rows to those that read them in the next phase, while others are still solved. */
  #sendAhead(solver: Member, { task: { side, iteration, block }, tried }: TaskRun): void {
    const table = { type: 'factors', side, generation: iteration } as const;
    solver.held.add({ table, block }, 'all');
    // Others that were to solve it may still write the block's rows.
    const others = this.#ready.filter((member) => !tried.has(member));
    const wants = others.map((member): [Member, RowWant[]] => {
      return [member, [{ table, block, choice: this.#nextChoice(side, member) }]];
    });
    this.#rows.send(new Map(wants));
  }

  /** Nodes that read all rows of a solved block in the next phase, but for those that have them. */
  #readersOfAll(solver: Member, { task: { kind, side }, tried }: TaskRun): Member[] {
    if (kind === 'gram') return [];
    return this.#ready.filter(
      (member) =>
        member !== solver && !tried.has(member) && this.#nextChoice(side, member) === 'all',
    );
  }

  /** Which rows of a side a node reads when that is the fixed one. */
  #nextChoice(side: Side, { hello }: Member): RowChoice {
    return this.#choice(side, this.#owners.blocksOf(opposite(side), hello.worker));
  }

  /** The node that has a block. Waits for one to come if there is none. */
  async #ownerOf({ side, block }: BlockTask): Promise<Member> {
    for (;;) {
      this.#throwIfOver();
      const member = this.#membership.member(this.#owners.ownerOf(side, block) ?? '');
      if (member?.isBehind === false) return member;
      if (this.#membership.members.length === 0) await this.#gather(anybody);
      await this.#letCatchUp(0);
      this.#assign(side);
    }
  }

  /** Waits until there are so many nodes. Rejects with `PlacementError` after the deadline. */
  async #gather(wanted: Wanted): Promise<void> {
    try {
      await this.#membership.gather(wanted);
    } catch (error) {
      this.#throwIfOver();
      throw error;
    }
  }

  /** Members that have nothing left to do of a phase that is over: their memory may change. */
  get #ready(): readonly Member[] {
    return this.#membership.members.filter((member) => !member.isBehind);
  }

  /** Waits for members that are behind, for so long; if all are, until one is not. */
  async #letCatchUp(ms: number): Promise<void> {
    for (let waited = 0; ; waited += catchUpMs) {
      this.#throwIfOver();
      const { members } = this.#membership;
      const behind = members.filter((member) => member.isBehind).length;
      if (behind === 0 || (waited >= ms && behind < members.length)) return;
      await wait(catchUpMs);
    }
  }

  /** Shares the blocks of a side out to the nodes that are ready. */
  #assign(side: Side): void {
    const ready = this.#ready.map((member) => ({
      node: member.hello.worker,
      capacity: this.#capacityOf(member),
    }));
    if (ready.length > 0) this.#owners.assign(side, ready);
  }

  #capacityOf({ hello: { worker, threads } }: Member): number {
    return this.#speeds.capacityOf(worker, threads);
  }

  #beginPhase(): void {
    this.#board = this.#newBoard();
    this.#slow.clear();
    this.#phaseBeganMs = performance.now();
  }

  /** Learns from the phase that is over. */
  #endPhase(): void {
    this.#phaseMs = performance.now() - this.#phaseBeganMs;
    this.#speeds.learn(this.#board.works(this.#ready));
    for (const member of this.#membership.members) member.endPhase();
  }

  #newBoard(): PhaseBoard {
    return new PhaseBoard(
      () => performance.now(),
      (member) => this.#capacityOf(member),
    );
  }

  /** Throws when nodes come and are lost for longer than the deadline, and nothing is solved. */
  #endureLoss(): void {
    const nowMs = performance.now();
    this.#losingSinceMs ??= nowMs;
    if (nowMs - this.#losingSinceMs <= this.#deadline * 1000) return;
    throw new PlacementError(
      `every node was lost again for ${this.#deadline} s, and no block solved; expected one that ` +
        'stays; try what the workers print',
    );
  }

  /** Throws when no task can be solved any more. */
  #throwIfOver(): void {
    if (this.#closed !== undefined) throw closedError();
    if (this.#broken !== undefined) throw this.#broken;
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
