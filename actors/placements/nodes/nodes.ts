import { aCount, aTimeLimit, oneOf, type Rules } from '../../../src/check-options.js';
import { PlacementError } from '../../../src/errors.js';
import type { Placement } from '../placement.js';
import type { OpenNodes } from './open-nodes.js';
import type { SpreadLayout } from './protocol/supervised-job.js';
import type { RoutingMode } from './rows/routing.js';
import { checkNatsOptions, type NatsOptions, natsRules } from './transport/nats-options.js';

/** Which workers to wait for, and how long. Times are seconds. */
export interface NodesOptions extends NatsOptions {
  /** Begin when so many workers have joined, ≥ 1. Default 1, or as `threads` says. */
  readonly workers?: number | undefined;
  /** Begin when the workers have so many threads in all, ≥ 1. */
  readonly threads?: number | undefined;
  /**
   * How long to wait for them at the start, when all are gone, or when the server is away; > 0.
   * Default 60.
   */
  readonly deadline?: number | undefined;
  /** A worker that is silent for so long is lost, ≥ 1. Default 1.5. */
  readonly lostAfter?: number | undefined;
  /**
   * Which rows of the fixed side a worker gets in a phase: all (`broadcast`), those that its blocks
   * rate (`routed`), or whichever sends fewer bytes. Default `auto`.
   */
  readonly routing?: RoutingMode | undefined;
  /**
   * First part of the job's id, by which workers choose jobs. Letters and digits. Default `job`.
   */
  readonly job?: string | undefined;
}

const rules: Rules<keyof NodesOptions> = {
  ...natsRules,
  workers: aCount,
  threads: aCount,
  deadline: aTimeLimit,
  lostAfter: {
    expected: 'seconds ≥ 1',
    accepts: (value) => aTimeLimit.accepts(value) && Number(value) >= 1,
  },
  routing: oneOf('auto', 'broadcast', 'routed'),
  job: {
    expected: 'up to 40 letters and digits',
    accepts: (value) => typeof value === 'string' && /^[A-Za-z0-9]{1,40}$/.test(value),
  },
};

/**
 * Runs blocks on other machines: on every `seesaw worker` that is connected to the same NATS
 * server. Each gets the ratings of its blocks once, and the fixed side at every phase. If a worker
 * is lost, the others solve its blocks from the same generation. A new worker gets blocks from the
 * next phase on. The server needs JetStream (`nats-server -js`).
 *
 * Useful when
 * - one machine has too few cores for the job;
 * - machines come and go.
 *
 * Problems
 * - every phase sends the fixed side to every worker: small jobs take longer than on one machine;
 * - ratings and rows must fit the supervisor's memory; where workers read the ratings
 *   (`readBy: 'workers'`) its memory has neither, and its disk the rows; a worker holds what it
 *   offers memory for;
 * - workers must be of the same version, and able to run the job's kernel.
 *
 * Does not rank: `recommendAll` and `evaluate` take `threads()`.
 *
 * Throws `InvalidOptionError`. Opening it rejects with `ConnectionError`, or with `PlacementError`
 * if too few workers have come within the deadline, or `NodeMemoryError` if they offer too little.
 */
export function nodes(options: NodesOptions): Placement {
  checkNatsOptions('nodes', options, rules);
  const { workers = 1, threads = 1, deadline = 60, lostAfter = 1.5, job: prefix = 'job' } = options;
  const { routing = 'auto' } = options;
  const wanted = { workers, threads };
  const settings = { server: options, wanted, deadline, lostAfter, routing, prefix };
  // Programs that use no nodes load none of this.
  let opened: Promise<OpenNodes> | undefined;
  const onNodes = () => {
    opened ??= import('./open-nodes.js').then(({ openNodes }) => openNodes(settings));
    return opened;
  };
  return {
    name: nameOf(options),
    // Tasks have their scratch memory on the nodes.
    slots: 1,
    readsRatings: true,
    kernels: async (signal) => (await onNodes()).kernels(signal),
    open: async (layout, onFault) => (await onNodes()).open(layout, onFault),
    // `rated` is what makes the job one of rows only.
    openSpread: async (layout, onFault) => (await onNodes()).open(layout as SpreadLayout, onFault),
    async openRanking() {
      throw new PlacementError(
        'found nodes() for a ranking, which only training runs on; ' +
          'expected inProcess() or threads(n); try placement: threads()',
      );
    },
  };
}

function nameOf({ workers, threads }: NodesOptions): string {
  const parts = [
    ...(workers !== undefined || threads === undefined ? [`${workers ?? 1}`] : []),
    ...(threads !== undefined ? [`${threads} threads`] : []),
  ];
  return `nodes(${parts.join(', ')})`;
}
