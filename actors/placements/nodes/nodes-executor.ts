import { closedError, PlacementError, StoppedError } from '../../../src/errors.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import { shapeOf } from '../../../src/kernels/lay-out-job.js';
import { layoutsOf } from '../../../src/kernels/parts/parted-layout.js';
import { isCpuKernel } from '../../../src/kernels/select/choose-kernel.js';
import { opposite } from '../../../src/ratings/ratings.js';
import type { PhaseId } from '../../../src/training/phases.js';
import { asError } from '../../as-error.js';
import { NodeLostError } from '../../errors.js';
import type { BlockResult } from '../block-result.js';
import type { Broadcast, ExecutorFault, JobExecutor } from '../placement.js';
import { fromWire } from '../wire-error.js';
import { anyWorker, BlockAssignment } from './block-assignment.js';
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

/** A job on nodes: which workers it waits for, and which rows they get. */
export interface PlacedSettings extends NodesSettings {
  readonly routing: RoutingMode;
}

/**
 * The supervisor's side of a job on nodes. Its memory is laid out as on one machine, or has rows in parts,
 * or they lie in a file: data go from there to the nodes, and solved rows and Gram matrices come back.
 */
export class NodesExecutor implements JobExecutor {
  readonly #bus: Bus;
  readonly #job: SupervisedJob;
  readonly #objects: Objects;
  readonly #dataSender: DataSender;
  readonly #rows: RowExchange;
  readonly #membership: Membership;
  readonly #owners: BlockOwners;
  readonly #assignment: BlockAssignment;
  readonly #balancer: Balancer<Node, TaskRun>;
  readonly #deadline: number;
  readonly #solving = new Set<Promise<unknown>>();
  #lastNumber = 0;
  /** When the first node was lost since a block was solved. */
  #losingSinceMs: number | undefined;
  /** Why all nodes are given up. */
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
    const shape = shapeOf(rated);
    const weights = blockWeights(rated);
    this.#owners = new BlockOwners(weights);
    const rooms = new NodeRooms(new MemoryPlan(rated, shape), weights);
    this.#balancer = new Balancer(() => performance.now(), onFault);
    const dismiss = (node: Node, reason: string) => this.#membership.dismiss(node, reason);
    this.#dataSender = new DataSender(job, objects, nextNumber, rooms.cut.bind(rooms), {
      giveUp: (node, reason) => this.#membership.lose(node, reason),
      dismiss,
      learn: (...read) => this.#rows.learn(...read),
      sendAgain: ({ hello: { name } }, message) =>
        onFault({ component: 'node', node: name, message, action: 'send-again' }),
    });
    this.#rows = new RowExchange(bus, {
      ...{ id: settings.job, job, routing: settings.routing, owners: this.#owners, dismiss },
      giveUp: (error) => this.#giveUp(error, error.message),
      nodes: () => this.#membership.nodes,
    });
    this.#membership = new Membership(bus, {
      ...settings,
      shape,
      // A GPU has a memory of its own for the whole job.
      isTooSmall: (hello) => isCpuKernel(job.kernel) && rooms.isTooSmall(hello),
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
    this.#assignment = new BlockAssignment({
      ...{ rooms, onFault, deadline: settings.deadline },
      ...{ membership: this.#membership, owners: this.#owners, dataSender: this.#dataSender },
      capacityOf: (node) => this.#balancer.capacityOf(node).capacity,
      throwIfOver: () => this.#throwIfOver(),
    });
    void bus.closed.then((error) => {
      if (error === undefined) return;
      this.#giveUp(asError(error), 'the NATS server is away');
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
      await placed.#assignment.gather(settings.wanted);
      await placed.#assignment.expectRoom();
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
      if (this.#membership.nodes.length === 0) await this.#assignment.gather(anyWorker);
      else await this.#membership.enlist();
      await this.#assignment.letCatchUp(catchUpShare * this.#balancer.phaseMs);
      // Rows under way must be sent before their memory is overwritten.
      await this.#rows.idle();
      if (this.#membership.nodes.length === 0) this.#endureLoss();
      if (this.#membership.ready.length === 0) continue;
      // The readers of what this phase solves must be known when it is solved.
      const sides = [phase.side, opposite(phase.side)];
      if (!sides.map((side) => this.#assignment.assign(side)).every(Boolean)) {
        await this.#assignment.awaitRoom();
      } else if (await this.#assignment.giveParts()) break;
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
      const node = await this.#assignment.ownerOf(task);
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
    if (node.inParts) await this.#assignment.givePartsOf(node, side);
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

  /** Lets idle nodes that hold the whole job help slow ones. */
  #balance(): void {
    this.#balancer.balance(this.#membership.ready.filter(({ inParts }) => !inParts));
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

  /** Ends all tasks with an error. */
  #giveUp(error: Error, reason: string): void {
    this.#broken ??= error;
    this.#membership.giveUp(reason);
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
