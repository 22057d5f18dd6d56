import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { objective, scaledObjective } from '../lib/cases.js';
import { runChild } from '../lib/run-child.js';
import type { Contender, Trial } from '../lib/trial.js';

/** A peer that can be imported here. */
export interface Peer extends Contender {
  /** What it minimises: a λ of its own kind makes it another objective. */
  readonly objective: typeof objective | typeof scaledObjective;
}

interface PeerScript extends Pick<Peer, 'objective'> {
  /** In this folder. */
  readonly script: string;
  /** Python modules it cannot do without, by the names they are installed with. */
  readonly modules: readonly string[];
}

const scripts: Readonly<Record<string, PeerScript>> = {
  implicit: { script: 'implicit_als.py', modules: ['implicit'], objective },
  cmfrec: { script: 'cmfrec_als.py', modules: ['cmfrec'], objective },
  spark: {
    script: 'spark_als.py',
    modules: ['pyspark', 'pyarrow'],
    objective: scaledObjective,
  },
};

/** Names of all peers there are scripts for, installed or not. */
export const peerNames: readonly string[] = Object.keys(scripts);

const python = process.env.PYTHON ?? 'python3';

/**
 * The peers among `names` that can be imported here, and a notice for each that cannot.
 * The Python is `python3`, or what the variable PYTHON says.
 */
export function findPeers(names: readonly string[]): {
  readonly peers: readonly Peer[];
  readonly notices: readonly string[];
} {
  const peers: Peer[] = [];
  const notices: string[] = [];
  for (const name of names) {
    const found = scripts[name];
    if (found === undefined) {
      throw new RangeError(`peer is ${JSON.stringify(name)}; expected ${peerNames.join(', ')}`);
    }
    const { script, modules, objective } = found;
    const missing = modules.filter((module) => !canImport(module)).join(' ');
    if (missing === '') {
      peers.push({ name, objective, run: (trial) => runPeerScript(script, trial) });
    } else {
      notices.push(
        `${name} is left out: ${python} cannot import ${missing}; try pip install ${missing}`,
      );
    }
  }
  return { peers, notices };
}

/**
 * The loss of factors that `seesaw-worker` wrote to `factorsTo`, computed in Python by the same
 * lines as the peers' own.
 */
export async function lossOfFactors(trial: Trial & { factorsTo: string }): Promise<number> {
  const { loss } = await runPeerScript<{ loss: number }>('loss_of_factors.py', trial);
  return loss;
}

/** Whether the Python at hand has a module. Starts it to find out. */
export function canImport(module: string): boolean {
  return spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

/** Runs a script of this folder with `order` as JSON and returns the object it answers. */
export function runPeerScript<Result>(script: string, order: object): Promise<Result> {
  // The scripts are not compiled: they stay in the source tree, three folders up from the build.
  const file = fileURLToPath(new URL(`../../../benchmarks/peers/${script}`, import.meta.url));
  return runChild(python, [file, JSON.stringify(order)], { PYTHONDONTWRITEBYTECODE: '1' });
}
