import { setTimeout as wait } from 'node:timers/promises';
import { closedError, PlacementError, StoppedError } from '../../../src/errors.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import { shapeOf } from '../../../src/kernels/lay-out-job.js';
import { layoutsOf } from '../../../src/kernels/parts/parted-layout.js';
import { isCpuKernel } from '../../../src/kernels/select/choose-kernel.js';
import type { Side } from '../../../src/ratings/ratings.js';
import { opposite } from '../../../src/ratings/ratings.js';
import type { PhaseId } from '../../../src/training/phases.js';
import { asError } from '../../as-error.js';
import { NodeLostError } from '../../errors.js';
import type { BlockResult } from '../block-result.js';
import type { Broadcast, ExecutorFault, JobExecutor } from '../placement.js';
import { fromWire } from '../wire-error.js';
import type { Wanted } from './cluster/discovery.js';
import { Membership, type NodesSettings } from './cluster/membership.js';
import type { Node } from './cluster/node.js';
import { bucketOf } from './protocol/messages.js';
import { ratedOf, type SupervisedJob } from './protocol/supervised-job.js';
import { DataSender } from './rows/data-sender.js';
import { fullBroadcastBytesOf, type RoutingMode } from './rows/routing.js';
import { RowExchange } from './rows/row-exchange.js';
import { Balancer } from './scheduling/balancer.js';
import { BlockOwners, blockWeights } from './scheduling/block-owners.js';
import { MemoryPlan } from './scheduling/memory-plan.js';
import { NodeRooms } from './scheduling/node-rooms.js';
import { type SolvedTask, TaskRun } from './scheduling/task-run.js';
import type { Bus } from './transport/bus.js';
import type { Objects } from './transport/objects.js';

/** Share of a phase's time that the next one waits for nodes that are behind. */
const catchUpShare = 0.2;

/** How long it waits for a node with room before it looks again. */
const roomMs = 250;

const anyWorker: Wanted = Object.freeze({ workers: 1, threads: 1 });

/** A job on nodes: which workers it waits for, and which rows they get. */
export interface PlacedSettings extends NodesSettings {
  readonly routing: RoutingMode;
}

/**
 * The supervisor's side of a job on nodes. Its memory is laid out as on one machine, or has rows in parts:
 * data go from there to the nodes, and solved rows and Gram matrices come back to their place.
 */
export class NodesExecutor implements JobExecutor {
  readonly #bus: Bus;
  readonly #job: SupervisedJob;
  readonly #objects: Objects;
  readonly #dataSender: DataSender;
  readonly #rows: RowExchange;
  readonly #membership: Membership;
  readonly #owners: BlockOwners;
  readonly #rooms: NodeRooms;
  readonly #onFault: (fault: ExecutorFault) => void;
  readonly #balancer: Balancer<Node, TaskRun>;
  readonly #deadline: number;
  readonly #solving = new Set<Promise<unknown>>();
  #lastNumber = 0;
  /** When the first node was lost since a block was solved. */
  #losingSinceMs: number | undefined;
  /** Since when no node has room for a block. */
  #fullSinceMs: number | undefined;
  /** Why the server is given up. */
  #broken: Error | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    bus: Bus,
    job: SupervisedJob,
    objects: Objects,
    settings: PlacedSettings,
    onFault: (fault: ExecutorFault) => void,
  ) {
    const nextNumber = () => ++this.#lastNumber;
    const [first] = layoutsOf(job);
    const stopFlag = new Int32Array(first!.memory.buffer, first!.stopFlag, 1);
    const rated = ratedOf(job);
    this.#bus = bus;
    this.#job = job;
    this.#deadline = settings.deadline;
    this.#objects = objects;
    this.#onFault = onFault;
    const shape = shapeOf(rated);
    const weights = blockWeights(rated);
    this.#owners = new BlockOwners(weights);
    this.#rooms = new NodeRooms(new MemoryPlan(rated, shape), weights);
    this.#balancer = new Balancer(() => performance.now(), onFault);
    const dismiss = (node: Node, reason: string) => this.#membership.dismiss(node, reason);
    this.#dataSender = new DataSender(job, objects, nextNumber, this.#rooms.cut.bind(this.#rooms), {
      giveUp: (node, reason) => this.#membership.lose(node, reason),
      dismiss,
      sendAgain: ({ hello: { name } }, message) =>
        onFault({ component: 'node', node: name, message, action: 'send-again' }),
    });
    this.#rows = new RowExchange(bus, {
      ...{ id: settings.job, job, routing: settings.routing, owners: this.#owners, dismiss },
      nodes: () => this.#membership.nodes,
    });
    this.#membership = new Membership(bus, {
      ...settings,
      shape,
      // A GPU has a memory of its own for the whole job.
      isTooSmall: (hello) => isCpuKernel(job.kernel) && this.#rooms.isTooSmall(hello),
      nextNumber,
      onFault,
      onTick: () => this.#balance(),
      // Before the run has begun, only the stop flag in the job's memory says that it is stopped.
      isStopped: () => Atomics.load(stopFlag, 0) !== 0,
      welcome: (node) =>
        this.#dataSender.giveAll(node, [
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
   * Waits for the wanted workers and lets them join. Takes over the bus. Rejects with
   * `PlacementError` or `ConnectionError`, and leaves nothing behind.
   */
  static async open(
    bus: Bus,
    job: SupervisedJob,
    settings: PlacedSettings,
    onFault: (fault: ExecutorFault) => void = () => {},
  ): Promise<NodesExecutor> {
    let placed: NodesExecutor | undefined;
    try {
      const objects = await bus.objects(bucketOf(settings.job), true);
      placed = new NodesExecutor(bus, job, objects, settings, onFault);
      await placed.#gather(settings.wanted);
      await placed.#expectRoom();
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
      if (this.#membership.nodes.length === 0) await this.#gather(anyWorker);
      else await this.#membership.enlist();
      await this.#letCatchUp(catchUpShare * this.#balancer.phaseMs);
      // Rows under way must be sent before their memory is overwritten.
      await this.#rows.idle();
      if (this.#membership.nodes.length === 0) this.#endureLoss();
      if (this.#membership.ready.length === 0) continue;
      // The readers of what this phase solves must be known when it is solved.
      const sides = [phase.side, opposite(phase.side)];
      if (!sides.map((side) => this.#assign(side)).every(Boolean)) await this.#awaitRoom();
      else if (await this.#giveParts()) break;
    }
    const { kind, side } = phase;
    // Only this process has the factors of both sides.
    if (kind === 'gram') for (const { held } of this.#membership.nodes) held.forgetAll();
    this.#balancer.beginPhase();
    this.#rows.sendFor(phase, this.#membership.ready);
    const bytes = this.#rows.takeSentBytes();
    const nodes = this.#membership.nodes.length;
    const fullBroadcastBytes =
      kind === 'gram' ? bytes : fullBroadcastBytesOf(this.#job, opposite(side), nodes);
    return { bytes, fullBroadcastBytes };
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

  /**
   * Solves a task at the node that has the block. If that node is lost, the block's next node
   * solves it.
   */
  async #solve(task: BlockTask): Promise<BlockResult> {
    const work = this.#owners.workOf(task.side, task.block);
    const attempt = (node: Node, over: AbortSignal) => this.#solveAt(node, task, over);
    let lost = 0;
    for (;;) {
      const node = await this.#ownerOf(task);
      const run = new TaskRun(task, work, attempt);
      this.#balancer.board.give(node, run);
      run.tryAt(node);
      try {
        const result = await this.#resultOf(run);
        this.#losingSinceMs = undefined;
        return { ...result, handedOut: lost + run.tried.size };
      } catch (error) {
        this.#throwIfOver();
        if (!(error instanceof NodeLostError)) throw error;
        lost += run.tried.size;
        this.#endureLoss();
      } finally {
        this.#balancer.board.drop(run);
        this.#balance();
      }
    }
  }

  async #solveAt(node: Node, task: BlockTask, over: AbortSignal): Promise<SolvedTask> {
    const { kind, side, block } = task;
    const ratings = { type: 'ratings', side, block } as const;
    // Rows go to the parts that are there.
    if (node.inParts)
      await this.#dataSender.giveParts(node, side, this.#owners.blocksOf(side, node.hello.worker));
    await Promise.all([
      this.#rows.bring(node, task),
      kind !== 'gram' && !node.inParts && this.#dataSender.giveAll(node, [ratings]),
    ]);
    if (over.aborted) throw new StoppedError();
    this.#balancer.board.ask(node);
    const answer = await node.ask(++this.#lastNumber, { type: 'solve', task }, over);
    if (answer.type === 'failed') throw fromWire(answer.error);
    if (answer.type !== 'solved') throw new NodeLostError(node.hello.name, answer.type);
    return { node, answer };
  }

  /** Waits for a task's first answer, copies what it has written, and passes its rows on. */
  async #resultOf(run: TaskRun): Promise<BlockResult> {
    const solved = await run.solved;
    const { node, answer } = solved;
    this.#balancer.board.solve(run, node);
    await this.#rows.takeIn(run, solved, this.#membership.ready);
    this.#throwIfOver();
    if (run.task.kind !== 'gram') this.#rows.sendAhead(run, node, this.#membership.ready);
    return { ...answer.result, ranOn: `${node.hello.name}, ${answer.result.ranOn}` };
  }

  /** The node that has a block. Waits for one to come if there is none. */
  async #ownerOf({ side, block }: BlockTask): Promise<Node> {
    for (;;) {
      this.#throwIfOver();
      const node = this.#membership.node(this.#owners.ownerOf(side, block) ?? '');
      if (node?.isBehind === false) return node;
      if (this.#membership.nodes.length === 0) await this.#gather(anyWorker);
      await this.#letCatchUp(0);
      if (!this.#assign(side) && this.#membership.ready.length > 0) await this.#awaitRoom();
    }
  }

  /** Rejects with `NodeMemoryError` if the job does not fit the workers that are there. */
  async #expectRoom(): Promise<void> {
    // Every worker says hello within this time.
    for (let rounds = Math.min(8, 4 * this.#deadline); rounds > 0; rounds--) {
      if (this.#rooms.shortage(this.#membership.nodes) === undefined) return;
      await this.#lookForMore();
    }
    const { nodes } = this.#membership;
    const shortage = nodes.length > 0 && this.#rooms.shortage(nodes);
    if (shortage) throw shortage;
  }

  /** Waits a little for a node with room. Throws `NodeMemoryError` after the deadline. */
  async #awaitRoom(): Promise<void> {
    const nowMs = performance.now();
    const { nodes } = this.#membership;
    const shortage = this.#rooms.shortage(nodes) ?? this.#rooms.fragmentation(nodes);
    if (this.#fullSinceMs === undefined) {
      this.#fullSinceMs = nowMs;
      const { name } = nodes[0]!.hello;
      const message = `no node has room for the blocks of a lost one: ${shortage.message}`;
      this.#onFault({ component: 'node', node: name, message, action: 'solve-elsewhere' });
    }
    if (nowMs - this.#fullSinceMs > this.#deadline * 1000) throw shortage;
    await this.#lookForMore();
  }

  /** Lets workers join that have come meanwhile. */
  async #lookForMore(): Promise<void> {
    await wait(roomMs);
    this.#throwIfOver();
    await this.#membership.enlist();
    this.#throwIfOver();
  }

  /**
   * Sends nodes with little memory the ratings of all their blocks.
   *
   * @returns whether all of them have taken theirs
   */
  async #giveParts(): Promise<boolean> {
    const nodes = this.#membership.ready.filter(({ inParts }) => inParts);
    const giving = nodes.flatMap((node) =>
      (['user', 'item'] as const).map((side) =>
        this.#dataSender.giveParts(node, side, this.#owners.blocksOf(side, node.hello.worker)),
      ),
    );
    const settled = await Promise.allSettled(giving);
    this.#throwIfOver();
    const failed = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    for (const reason of failed) if (!(reason instanceof NodeLostError)) throw reason;
    return failed.length === 0;
  }

  /** Lets idle nodes that hold the whole job help slow ones. */
  #balance(): void {
    this.#balancer.balance(this.#membership.ready.filter(({ inParts }) => !inParts));
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

  /** Waits up to `maxMs` for nodes that are behind; if all are, until one has caught up. */
  async #letCatchUp(maxMs: number): Promise<void> {
    await this.#membership.letCatchUp(maxMs);
    this.#throwIfOver();
  }

  /**
   * Assigns the blocks of a side to the nodes that are ready.
   *
   * @returns whether every block has a node
   */
  #assign(side: Side): boolean {
    const { ready } = this.#membership;
    if (ready.length === 0) return false;
    const capacityOf = (node: Node) => this.#balancer.capacityOf(node).capacity;
    const areShared = this.#rooms.assign(side, ready, this.#owners, capacityOf);
    if (areShared) this.#fullSinceMs = undefined;
    return areShared;
  }

  /** Learns from the phase that is over. */
  #endPhase(): void {
    this.#balancer.endPhase(this.#membership.ready);
    for (const node of this.#membership.nodes) node.endPhase();
  }

  /** Throws if nodes join and are lost for longer than the deadline and no block is solved. */
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
    // Pending tasks could still write to the job's memory.
    await Promise.allSettled([...this.#solving]);
  }
}
