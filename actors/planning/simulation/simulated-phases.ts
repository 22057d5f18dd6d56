import { randomAt } from '../../../src/random.js';
import type { Side } from '../../../src/ratings/ratings.js';
import { opposite } from '../../../src/ratings/ratings.js';
import { tasksPerThread } from '../../../src/task-slots.js';
import { maxUnheardChecks, tickMs } from '../../placements/nodes/cluster/heartbeat.js';
import { Balancer } from '../../placements/nodes/scheduling/balancer.js';
import type { NodeFault, PhaseBlock, PhaseReport } from '../../run-event.js';
import type { BlockPlan } from '../block-plan.js';
import type { MachineFigures } from '../machine-figures.js';
import { taskSeconds } from '../message-seconds.js';
import type { ResolvedCluster, ResolvedShape } from '../plan-input.js';
import type { RowWay } from '../row-traffic.js';
import { EventQueue } from './event-queue.js';
import { SimulatedNode, type Solved } from './simulated-node.js';
import { SimulatedRows, trafficOfSides } from './simulated-rows.js';
import { SimulatedTask } from './simulated-task.js';
import type { LostNode, Straggler } from './simulation-options.js';

type Task = SimulatedTask<SimulatedNode>;

/** Bytes of a rating and of a row's place, as a node gets them with a block. */
const [ratingBytes, placeBytes] = [8, 4];

/** What phases need. */
export interface PhaseSettings {
  readonly shape: ResolvedShape;
  readonly cluster: ResolvedCluster;
  readonly figures: MachineFigures;
  readonly plan: BlockPlan;
  readonly ways: Readonly<Record<Side, RowWay>>;
  readonly seed: number;
  readonly stragglers: readonly Straggler[];
  readonly lost: readonly LostNode[];
  readonly onFault: (fault: Omit<NodeFault, 'iteration' | 'type'>, at: number) => void;
}

/** The phases of a job on simulated nodes; what assigns and balances tasks is what a real job has. */
export class SimulatedPhases {
  readonly events = new EventQueue();
  readonly #settings: PhaseSettings;
  readonly #balancer: Balancer<SimulatedNode, Task>;
  readonly #rows: SimulatedRows;
  readonly #trafficOf: ReturnType<typeof trafficOfSides>;
  readonly #nodes = new Map<string, SimulatedNode>();
  /** By side and block: the nodes that have its ratings. */
  readonly #holders: Readonly<Record<Side, readonly Set<string>[]>>;
  /** Nodes that are not known to be lost. */
  #ready: readonly SimulatedNode[];
  /** By block of the phase under way: its task, until its rows are there. */
  readonly #pending = new Map<number, Task>();
  #unanswered = 0;
  #iteration = 0;
  #blocks: PhaseBlock[] = [];
  #attempts: number[] = [];
  #startedAt = 0;
  #fixedBytes = 0;

  constructor(settings: PhaseSettings) {
    const { shape, cluster, figures, plan, ways, stragglers, lost, onFault } = settings;
    const { events } = this;
    this.#settings = settings;
    this.#balancer = new Balancer(
      () => events.now * 1000,
      // A balancer's faults are those of nodes.
      (fault) => onFault(fault as Omit<NodeFault, 'iteration' | 'type'>, events.now),
    );
    this.#rows = new SimulatedRows(events, cluster, figures);
    this.#trafficOf = trafficOfSides(shape, cluster, plan, ways);
    const slowness = new Map(stragglers.map(({ node, slowness }) => [node, slowness]));
    // Workers of nodes give a thread its next task when it has none.
    const depth = cluster.nodes === 1 && cluster.threads > 1 ? tasksPerThread : 1;
    for (const [number, name] of plan.nodes.entries()) {
      const speed = { threads: cluster.threads, depth, slowness: slowness.get(number) ?? 1 };
      const node: SimulatedNode = new SimulatedNode(events, {
        ...{ number, ...speed },
        onSolved: (solved) => this.#answer(node, solved),
      });
      this.#nodes.set(name, node);
    }
    this.#ready = [...this.#nodes.values()];
    const holders = (side: Side) => plan.owners.ownersOf(side).map((owner) => new Set([owner!]));
    this.#holders = { user: holders('user'), item: holders('item') };
    for (const { node, at } of lost)
      events.after(at, () => this.#lose(this.#nodes.get(`${node}`)!));
  }

  /** Lets time pass between phases. */
  rest(seconds: number): void {
    let isOver = false;
    this.events.after(seconds, () => {
      isOver = true;
    });
    while (!isOver) this.events.step();
  }

  /** Solves every block of a side. */
  run(iteration: number, side: Side): PhaseReport {
    const { plan } = this.#settings;
    const { events } = this;
    const count = plan.blocks[side].length;
    this.#iteration = iteration;
    this.#startedAt = events.now;
    this.#blocks = new Array<PhaseBlock>(count);
    this.#attempts = new Array<number>(count).fill(0);
    this.#unanswered = count;
    this.#assign(side);
    this.#assign(opposite(side));
    this.#balancer.beginPhase();
    for (let block = 0; block < count; block++) this.#hand(side, block);
    this.#tick();
    while (this.#pending.size > 0) events.step();
    this.#balancer.endPhase(this.#ready);
    const broadcastBytes = this.#fixedBytes;
    this.#fixedBytes = this.#trafficOf(side).received;
    return {
      ...{ type: 'phase', iteration, side, seconds: events.now - this.#startedAt },
      ...{ broadcastBytes, fullBroadcastBytes: broadcastBytes },
      ...{ uploadedBytes: 0, readBackBytes: 0, lateAnswers: 0, blocks: this.#blocks },
    };
  }

  /** Gives a block to the node that has it. */
  #hand(side: Side, block: number): void {
    const { owners } = this.#settings.plan;
    const node = this.#nodes.get(owners.ownerOf(side, block)!)!;
    const task = new SimulatedTask<SimulatedNode>(
      { side, block },
      owners.workOf(side, block),
      (task, node) => this.#attempt(task, node),
    );
    this.#attempts[block]!++;
    this.#pending.set(block, task);
    this.#balancer.board.give(node, task);
    task.tryAt(node);
  }

  /** Sends a task, and its ratings if the node does not have them. */
  #attempt(task: Task, node: SimulatedNode): void {
    const { plan, figures, cluster } = this.#settings;
    const { side, block } = task.task;
    const planned = plan.blocks[side][block]!;
    const { first, end, ratings } = planned;
    const seconds = taskSeconds(cluster, figures, planned, this.#trafficOf(side).blocks[block]!);
    const holders = this.#holders[side][block]!;
    const missing = holders.has(node.hello.worker)
      ? 0
      : ratingBytes * ratings + placeBytes * (end - first);
    holders.add(node.hello.worker);
    const latency = cluster.nodes === 1 ? 0 : figures.road.latencySeconds.median;
    const factor = node.slowness * this.#residual(side, block, task.tried.size);
    this.events.after(latency + (missing * node.slowness) / this.#rows.nodeSpeed, () => {
      if (node.isLost || task.solver !== undefined) return;
      this.#balancer.board.ask(node);
      node.take(task, seconds.solve * factor + seconds.messages * node.slowness);
    });
  }

  /** Measured over fitted seconds of some task, by chance. */
  #residual(side: Side, block: number, place: number): number {
    const { figures, shape, seed } = this.#settings;
    const { residuals } = figures.solve[shape.solver];
    if (residuals.length === 0) return 1;
    const stream = 2 * this.#iteration + (side === 'user' ? 0 : 1);
    const index = 64 * block + 8 * (this.#attempts[block]! & 7) + (place & 7);
    const at = randomAt(seed, stream, index) * (residuals.length - 1);
    const below = residuals[Math.floor(at)]!;
    return below + (at - Math.floor(at)) * (residuals[Math.ceil(at)]! - below);
  }

  /** A node has solved a task; the answer travels, and then the rows. */
  #answer(node: SimulatedNode, { task, startedAt, seconds, thread }: Solved): void {
    const { plan, figures, cluster } = this.#settings;
    const { side, block } = task.task;
    const isAlone = cluster.nodes === 1;
    this.events.after(isAlone ? 0 : figures.road.latencySeconds.median, () => {
      if (task.solver !== undefined || this.#pending.get(block) !== task) return;
      task.solver = node;
      this.#unanswered--;
      this.#balancer.board.solve(task, node);
      for (const other of task.nodes) if (other !== node) other.end(task);
      const { first, end, ratings } = plan.blocks[side][block]!;
      const place = isAlone && cluster.threads === 1 ? 'event loop' : `thread ${thread}`;
      const done = (): void => {
        if (this.#pending.get(block) !== task) return;
        this.#pending.delete(block);
        this.#blocks[block] = {
          ...{ block, rows: end - first, ratings, seconds },
          startSeconds: startedAt - this.#startedAt,
          ranOn: isAlone ? place : `${node.hello.name}, ${place}`,
          attempts: this.#attempts[block]!,
        };
      };
      if (isAlone) done();
      else if (!node.isLost) this.#rows.send(node, this.#trafficOf(side).blocks[block]!, done);
      if (!isAlone) this.#balancer.balance(this.#ready);
    });
  }

  /** Looks for slow nodes now and then, while tasks are under way. */
  #tick(): void {
    if (this.#settings.cluster.nodes === 1) return;
    const startedAt = this.#startedAt;
    this.events.after(tickMs / 1000, () => {
      if (startedAt !== this.#startedAt || this.#unanswered === 0) return;
      this.#balancer.balance(this.#ready);
      this.#tick();
    });
  }

  /** A node ends; its connection is checked in every tick. */
  #lose(node: SimulatedNode): void {
    node.isLost = true;
    this.#rows.drop(node);
    const check = (): void => {
      node.unheardChecks++;
      if (node.unheardChecks < maxUnheardChecks) this.events.after(tickMs / 1000, check);
      else this.#giveUp(node);
    };
    this.events.after(tickMs / 1000, check);
  }

  /** Other nodes solve what a lost one has not. */
  #giveUp(lost: SimulatedNode): void {
    this.#ready = this.#ready.filter((node) => node !== lost);
    const fault = { component: 'node', node: lost.hello.name, action: 'solve-elsewhere' } as const;
    this.#settings.onFault({ ...fault, message: 'its connection has closed' }, this.events.now);
    const again: Task[] = [];
    for (const task of this.#pending.values()) {
      const wasThere = task.nodes.delete(lost);
      if (task.solver === lost) this.#unanswered++;
      else if (task.solver !== undefined || !wasThere || task.nodes.size > 0) continue;
      again.push(task);
    }
    const [first] = again;
    if (first === undefined) return;
    this.#assign(first.task.side);
    for (const task of again) {
      this.#balancer.board.drop(task);
      this.#hand(task.task.side, task.task.block);
    }
    this.#tick();
  }

  #assign(side: Side): void {
    const capacities = this.#ready.map((node) => this.#balancer.capacityOf(node));
    this.#settings.plan.owners.assign(side, capacities);
  }
}
