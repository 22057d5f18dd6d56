import { type BlockTask, fixedGeneration } from '../../../../src/kernels/kernel.js';
import { layoutOfBlock } from '../../../../src/kernels/parts/parted-layout.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { opposite } from '../../../../src/ratings/ratings.js';
import type { PhaseId } from '../../../../src/training/phases.js';
import type { Node } from '../cluster/node.js';
import { rangesWritten } from '../protocol/job-data.js';
import type { RowSelection } from '../protocol/row-selection.js';
import { ratedOf, type SupervisedJob } from '../protocol/supervised-job.js';
import type { BlockOwners } from '../scheduling/block-owners.js';
import type { SolvedTask, TaskRun } from '../scheduling/task-run.js';
import type { Bus } from '../transport/bus.js';
import { AnswerFetcher } from './answer-fetcher.js';
import { Routing, type RoutingMode } from './routing.js';
import { RowPublisher } from './row-publisher.js';
import { RowSender, type RowWant } from './row-sender.js';

/** What the exchange needs to know of its job. */
export interface RowExchangeSettings {
  /** The job's id. */
  readonly id: string;
  readonly job: SupervisedJob;
  readonly routing: RoutingMode;
  /** Which node solves which block. */
  readonly owners: BlockOwners;
  /** Nodes that hear what is for all. */
  readonly nodes: () => readonly Node[];
  /** Called for a node that takes no rows. */
  readonly dismiss: (node: Node, reason: string) => void;
  /** Called if rows cannot be read here: all nodes are to be lost. */
  readonly giveUp: (error: Error) => void;
}

/**
 * Exchanges rows: every node gets those that its blocks read, and this process those that nodes
 * solve. The owners of the blocks say which.
 */
export class RowExchange {
  readonly #job: SupervisedJob;
  readonly #owners: BlockOwners;
  readonly #routing: Routing;
  readonly #sender: RowSender;
  readonly #publisher: RowPublisher;
  readonly #fetcher: AnswerFetcher;
  /** Sent bytes that `takeSentBytes` has returned. */
  #toldBytes = 0;

  constructor(bus: Bus, settings: RowExchangeSettings) {
    const { id, job, routing, owners, nodes, dismiss, giveUp } = settings;
    this.#job = job;
    this.#owners = owners;
    this.#routing = new Routing(ratedOf(job), routing);
    const readers = (side: Side) => this.readers(side);
    this.#sender = new RowSender(bus, { id, job, nodes, readers, dismiss, giveUp });
    this.#publisher = new RowPublisher(bus, { id, job, rows: this.#sender, dismiss });
    this.#fetcher = new AnswerFetcher(bus, id, dismiss);
  }

  /** Bytes sent since this was last asked, counted at every node that hears them. */
  takeSentBytes(): number {
    const { sentBytes } = this.#sender;
    const bytes = sentBytes - this.#toldBytes;
    this.#toldBytes = sentBytes;
    return bytes;
  }

  /** Resolves when nothing is being sent. */
  idle(): Promise<void> {
    return this.#sender.idle();
  }

  /** By row of a side: the selection of its readers, as far as they are known. */
  readers(side: Side): Uint32Array {
    return this.#routing.readers(side);
  }

  /**
   * Takes in which rows a block needs whose ratings a node has read. Rejects with `NodeLostError`.
   *
   * @param number of the command by which it read them
   * @param needed a bit for each row of the other side; nothing if they are to be fetched
   */
  async learn(
    node: Node,
    number: number,
    { side, block }: { readonly side: Side; readonly block: number },
    needed: Uint8Array,
  ): Promise<void> {
    if (!this.#routing.wantsToKnow(side, block)) return;
    const bytes = Math.ceil(this.#job[opposite(side)].rowCount / 8);
    const memory = new SharedArrayBuffer(bytes);
    const place = { memory, ranges: [{ offset: 0, bytes }] };
    await this.#fetcher.fetch(node, number, place, needed);
    this.#routing.learn(side, block, new Uint8Array(memory));
  }

  /** Sends nodes what their blocks read in a phase, unless they have it; they forget older rows. */
  sendFor(phase: PhaseId, nodes: readonly Node[]): void {
    const wants = new Map<Node, RowWant[]>();
    for (const node of nodes) {
      const wanted = this.#wantsOf(phase, this.#owners.blocksOf(phase.side, node.hello.worker));
      node.held.keepOnly(wanted.map(({ table }) => table));
      wants.set(node, wanted);
    }
    this.#sender.send(wants);
  }

  /**
   * Sends a node what it reads for a task. Rejects with `NodeLostError` if it is lost meanwhile.
   */
  async bring(node: Node, task: BlockTask): Promise<void> {
    const wants = this.#wantsOf(task, [task.block]);
    this.#sender.send(new Map([[node, wants]]));
    await this.#sender.arrived(node, wants);
  }

  /**
   * Copies what a task has written to its place in the layout. Rejects with `NodeLostError` if the
   * solver is lost meanwhile, and then writes no more.
   *
   * @param nodes that may get the rows from the solver
   */
  async takeIn(
    { task, tried }: TaskRun,
    { node: solver, answer: { number, written } }: SolvedTask,
    nodes: readonly Node[],
  ): Promise<void> {
    const layout = layoutOfBlock(this.#job, task.side, task.block);
    const place = { memory: layout.memory.buffer, ranges: rangesWritten(layout, task) };
    const readAll = (node: Node) => !tried.has(node) && this.#nextChoice(task.side, node) === 'all';
    const cameAlong = written.length > 0;
    const receivers = cameAlong || task.kind === 'gram' ? [] : nodes.filter(readAll);
    if (receivers.length === 0) {
      await this.#fetcher.fetch(solver, number, place, written);
      return;
    }
    // The rows come first among the ranges, and are published; the Gram matrix is fetched.
    const gramStart = place.ranges[0]!.bytes;
    await Promise.all([
      this.#publisher.publish(solver, number, task, receivers),
      this.#fetcher.fetch(solver, number, place, written, gramStart),
    ]);
  }

  /**
   * Sends solved rows to those that read them in the next phase, while others are still solved.
   *
   * @param nodes that can be sent rows
   */
  sendAhead({ task, tried }: TaskRun, solver: Node, nodes: readonly Node[]): void {
    const { side, iteration, block } = task;
    const table = { type: 'factors', side, generation: iteration } as const;
    solver.held.add({ table, block }, 'all');
    // Other nodes that were given the task may still write the block's rows.
    const others = nodes.filter((node) => !tried.has(node));
    const wants = others.map((node): [Node, RowWant[]] => {
      return [node, [{ table, block, choice: this.#nextChoice(side, node) }]];
    });
    this.#sender.send(new Map(wants));
  }

  /**
   * The rows that a node reads for these blocks in a phase, and that the phase before has changed.
   */
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
    // A sketch reads nothing but neighbours.
    if (kind === 'sketch') return read;
    return [{ table: { type: 'gram', ...fixed }, block: 0, choice: 'all' }, ...read, ...own];
  }

  /** Which rows of a side a node reads in the phase that fixes it. */
  #nextChoice(side: Side, { hello }: Node): RowSelection {
    return this.#choice(side, this.#owners.blocksOf(opposite(side), hello.worker));
  }

  /** Which rows of a fixed side a node gets that solves these blocks. */
  #choice(fixed: Side, blocks: readonly number[]): RowSelection {
    const owners = this.#owners.ownersOf(fixed);
    const solvers = this.#owners.ownersOf(opposite(fixed));
    return this.#routing.choice(fixed, blocks, owners, solvers);
  }
}
