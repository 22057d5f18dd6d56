import { randomAt } from '../../../src/random.js';
import type { Side } from '../../../src/ratings/ratings.js';
import { opposite } from '../../../src/ratings/ratings.js';
import { tasksPerThread } from '../../../src/task-slots.js';
import { maxUnheardChecks, tickMs } from '../../placements/nodes/cluster/heartbeat.js';
import { Balancer } from '../../placements/nodes/scheduling/balancer.js';
import type { NodeFault, PhaseBlock, PhaseReport } from '../../run-event.js';
import { quantileAt } from '../machine-figures.js';
import { EventQueue } from './event-queue.js';
import type { PhaseSettings } from './phase-settings.js';
import { RatingHolders } from './rating-holders.js';
import { trafficOfSides } from './side-traffic.js';
import { Attempt } from './simulated-attempt.js';
import { type NodeAttempt, type NodeTask, SimulatedNode } from './simulated-node.js';
import { SimulatedRows } from './simulated-rows.js';
import { SimulatedTask } from './simulated-task.js';

/** The phases of a job on simulated nodes; what assigns and balances tasks is what a real job has. */
export class SimulatedPhases {
  readonly events = new EventQueue();
  readonly #settings: PhaseSettings;
  readonly #balancer: Balancer<SimulatedNode, NodeTask>;
  readonly #rows: SimulatedRows;
  readonly #trafficOf: ReturnType<typeof trafficOfSides>;
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #holders: RatingHolders;
  /** Nodes that are not known to be lost. */
  #ready: readonly SimulatedNode[];
  /** By block of the phase under way: its task, until its rows are there. */
  #pending: (NodeTask | undefined)[] = [];
  #pendingCount = 0;
  #unanswered = 0;
  #iteration = 0;
  #blocks: PhaseBlock[] = [];
  #attempts: number[] = [];
  #startedAt = 0;
  #fixedBytes = 0;
  /** Tasks that are being handed out at one time. */
  #together: NodeAttempt[] | undefined;
  readonly #isAlone: boolean;
  readonly #latency: number;

  constructor(settings: PhaseSettings) {
    const { shape, cluster, figures, plan, ways, stragglers, lost, onFault } = settings;
    const { events } = this;
    this.#settings = settings;
    this.#isAlone = cluster.nodes === 1;
    this.#latency = this.#isAlone ? 0 : figures.road.latencySeconds.median;
    this.#balancer = new Balancer(
      () => events.now * 1000,
      // A balancer's faults are those of nodes.
      (fault) => onFault(fault as Omit<NodeFault, 'iteration' | 'type'>, events.now),
    );
    this.#rows = new SimulatedRows(events, cluster, figures, (task) => this.#finish(task));
    this.#trafficOf = trafficOfSides(shape, cluster, figures, plan, ways);
    const slowness = new Map(stragglers.map(({ node, slowness }) => [node, slowness]));
    const same = {
      isAlone: this.#isAlone,
      inProcess: cluster.inProcess,
      threads: cluster.threads,
      // Workers of nodes give a thread its next task when it has none.
      depth: this.#isAlone && !cluster.inProcess ? tasksPerThread : 1,
      latency: this.#latency,
      onAnswer: (attempt: NodeAttempt) => this.#answer(attempt),
    };
    for (const [number, name] of plan.nodes.entries()) {
      const own = { number, slowness: slowness.get(number) ?? 1 };
      this.#nodes.set(name, new SimulatedNode(events, { ...same, ...own }));
    }
    this.#ready = [...this.#nodes.values()];
    this.#holders = new RatingHolders(plan);
    for (const { node, at } of lost)
      events.after(at, { happen: () => this.#lose(this.#nodes.get(`${node}`)!) });
  }

  /** Lets time pass between phases. */
  rest(seconds: number): void {
    const until = this.events.now + seconds;
    this.events.after(seconds, { happen() {} });
    while (this.events.now < until) this.events.step();
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
    this.#pending = new Array<NodeTask | undefined>(count);
    this.#pendingCount = count;
    this.#unanswered = count;
    this.#assign(side);
    this.#assign(opposite(side));
    this.#balancer.beginPhase();
    this.#hand(side, this.#blocks.keys());
    this.#tick();
    while (this.#pendingCount > 0) events.step();
    this.#balancer.endPhase(this.#ready);
    const broadcastBytes = this.#fixedBytes;
    this.#fixedBytes = this.#trafficOf(side).received;
    return {
      ...{ type: 'phase', iteration, side, seconds: events.now - this.#startedAt },
      ...{ broadcastBytes, fullBroadcastBytes: broadcastBytes },
      ...{ uploadedBytes: 0, readBackBytes: 0, lateAnswers: 0, blocks: this.#blocks },
    };
  }

  /** Gives blocks to the nodes that have them, in one message to each node. */
  #hand(side: Side, blocks: Iterable<number>): void {
    const { owners } = this.#settings.plan;
    const traffic = this.#trafficOf(side);
    this.#together = [];
    for (const block of blocks) {
      const node = this.#nodes.get(owners.ownerOf(side, block)!)!;
      const work = owners.workOf(side, block);
      const task = new SimulatedTask({ side, block }, work, traffic, this.#attempt);
      this.#attempts[block]!++;
      this.#pending[block] = task;
      this.#balancer.board.give(node, task);
      task.tryAt(node);
    }
    const arriving = this.#together;
    this.#together = undefined;
    const happen = () => {
      for (const attempt of arriving) this.#arrive(attempt);
    };
    this.events.after(this.#latency, { happen });
  }

  /** Sends a task, and its ratings if the node does not have them. */
  readonly #attempt = (task: NodeTask, node: SimulatedNode): void => {
    const { side, block } = task.task;
    const { solve, messages } = this.#trafficOf(side);
    const residual = this.#residual(side, block, task.tried.length);
    const seconds = node.slowness * (solve[block]! * residual + messages[block]!);
    const attempt = new Attempt(task, node, seconds);
    const missing = this.#holders.give(node.hello.worker, side, block);
    if (missing === 0 && this.#together !== undefined) {
      this.#together.push(attempt);
      return;
    }
    const sending = (missing * node.slowness) / this.#rows.nodeSpeed;
    this.events.after(this.#latency + sending, { happen: () => this.#arrive(attempt) });
  };

  #arrive(attempt: NodeAttempt): void {
    const { task, node } = attempt;
    if (node.isLost || task.solver !== undefined) return;
    this.#balancer.board.ask(node);
    node.take(attempt);
  }

  /** Measured over fitted seconds of some task, by chance. */
  #residual(side: Side, block: number, place: number): number {
    const { figures, shape, seed } = this.#settings;
    const stream = 2 * this.#iteration + (side === 'user' ? 0 : 1);
    const index = 64 * block + 8 * (this.#attempts[block]! & 7) + (place & 7);
    return quantileAt(figures.solve[shape.solver].residuals, randomAt(seed, stream, index));
  }

  /** The answer of a node has arrived; the rows follow. */
  #answer(attempt: NodeAttempt): void {
    const { task, node, seconds } = attempt;
    const { side, block } = task.task;
    if (task.solver !== undefined || this.#pending[block] !== task) return;
    task.solver = node;
    this.#unanswered--;
    this.#balancer.board.solve(task, node);
    for (const other of task.nodes) if (other !== node) other.end(task);
    const { first, end, ratings } = this.#settings.plan.blocks[side][block]!;
    const startSeconds = attempt.startedAt - this.#startedAt;
    const ranOn = node.placeOf(attempt);
    const [rows, attempts] = [end - first, this.#attempts[block]!];
    this.#blocks[block] = { block, rows, ratings, seconds, startSeconds, ranOn, attempts };
    if (this.#isAlone) {
      this.#finish(task);
      return;
    }
    if (!node.isLost) this.#rows.send(task);
    this.#balancer.balance(this.#ready);
  }

  /** The rows of a task are where they are needed. */
  #finish(task: NodeTask): void {
    const { block } = task.task;
    if (this.#pending[block] !== task) return;
    this.#pending[block] = undefined;
    this.#pendingCount--;
  }

  /** Looks for slow nodes now and then, while tasks are under way. */
  #tick(): void {
    if (this.#isAlone) return;
    const startedAt = this.#startedAt;
    const happen = () => {
      if (startedAt !== this.#startedAt || this.#unanswered === 0) return;
      this.#balancer.balance(this.#ready);
      this.#tick();
    };
    this.events.after(tickMs / 1000, { happen });
  }

  /** A node ends; its connection is checked in every tick. */
  #lose(node: SimulatedNode): void {
    node.isLost = true;
    this.#rows.drop(node);
    const check = (): void => {
      node.unheardChecks++;
      if (node.unheardChecks < maxUnheardChecks) {
        this.events.after(tickMs / 1000, { happen: check });
      } else this.#giveUp(node);
    };
    this.events.after(tickMs / 1000, { happen: check });
  }

  /** Other nodes solve what a lost one has not. */
  #giveUp(lost: SimulatedNode): void {
    this.#ready = this.#ready.filter((node) => node !== lost);
    const fault = { component: 'node', node: lost.hello.name, action: 'solve-elsewhere' } as const;
    this.#settings.onFault({ ...fault, message: 'its connection has closed' }, this.events.now);
    const again: NodeTask[] = [];
    for (const task of this.#pending) {
      if (task === undefined) continue;
      const wasThere = task.nodes.includes(lost);
      task.nodes = task.nodes.filter((node) => node !== lost);
      if (task.solver === lost) this.#unanswered++;
      else if (task.solver !== undefined || !wasThere || task.nodes.length > 0) continue;
      again.push(task);
    }
    const [first] = again;
    if (first === undefined) return;
    this.#assign(first.task.side);
    for (const task of again) this.#balancer.board.drop(task);
    this.#hand(
      first.task.side,
      again.map(({ task }) => task.block),
    );
    this.#tick();
  }

  #assign(side: Side): void {
    const capacities = this.#ready.map((node) => this.#balancer.capacityOf(node));
    this.#settings.plan.owners.assign(side, capacities);
  }
}
