import type { KernelName } from '../../../src/kernels/kernel-names.js';
import type { ExecutorFault, JobExecutor } from '../placement.js';
import { WorkerDiscovery } from './cluster/discovery.js';
import { JobConnections } from './cluster/job-connections.js';
import { NodesExecutor } from './nodes-executor.js';
import type { SupervisedJob } from './protocol/supervised-job.js';
import type { RoutingMode } from './rows/routing.js';
import type { NatsOptions } from './transport/nats-options.js';

/** The options of `nodes()`, checked, with their defaults. Times are seconds. */
export interface NodesSettings {
  readonly server: NatsOptions;
  /** How many workers to wait for, and threads of all of them. */
  readonly wanted: { readonly workers: number; readonly threads: number };
  readonly deadline: number;
  readonly lostAfter: number;
  readonly routing: RoutingMode;
  /** First part of the ids of jobs. */
  readonly prefix: string;
}

/** Finds workers and opens jobs on them, each over a connection of its own. */
export interface OpenNodes {
  /** The kernels of every worker that is found. */
  kernels(signal: AbortSignal): Promise<(readonly KernelName[])[]>;
  open(layout: SupervisedJob, onFault?: (fault: ExecutorFault) => void): Promise<JobExecutor>;
}

/** What `nodes()` loads when a job is to run there. */
export function openNodes(settings: NodesSettings): OpenNodes {
  const { server, wanted, deadline, lostAfter, routing, prefix } = settings;
  const connections = new JobConnections({ options: server, prefix, deadline });
  return {
    async kernels(signal) {
      const connection = await connections.connect();
      const { bus, job } = connection;
      const discovery = new WorkerDiscovery(bus, { job, lostAfter });
      try {
        const found = await discovery.find({ wanted, deadline, signal });
        connections.keep(connection, signal);
        return found.map(({ kernels }) => kernels);
      } catch (error) {
        await bus.close();
        throw error;
      } finally {
        discovery.close();
      }
    },
    async open(layout, onFault) {
      const { bus, job } = await connections.take();
      const ofJob = { job, wanted, deadline, lostAfter, routing };
      return NodesExecutor.open(bus, layout, ofJob, onFault);
    },
  };
}
