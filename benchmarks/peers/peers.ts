import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runChild } from '../run-child.js';
import type { Contender, Trial } from '../trial.js';

/** Python module → the script of this folder that runs it. */
const scripts: Readonly<Record<string, string>> = {
  implicit: 'implicit_als.py',
  cmfrec: 'cmfrec_als.py',
};

/** Names of all peers there are scripts for, installed or not. */
export const peerNames: readonly string[] = Object.keys(scripts);

const python = process.env.PYTHON ?? 'python3';

/**
 * The peers among `names` that can be imported here, and a notice for each that cannot.
 * The Python is `python3`, or what the variable PYTHON says.
 */
export function findPeers(names: readonly string[]): {
  readonly peers: readonly Contender[];
  readonly notices: readonly string[];
} {
  const peers: Contender[] = [];
  const notices: string[] = [];
  for (const name of names) {
    const script = scripts[name];
    if (script === undefined) {
      throw new RangeError(`peer is ${JSON.stringify(name)}; expected ${peerNames.join(', ')}`);
    }
    if (canImport(name)) {
      peers.push({ name, run: (trial) => runPeerScript(script, trial) });
    } else {
      notices.push(`${python} cannot import ${name}: it is left out; try pip install ${name}`);
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

function runPeerScript<Result>(script: string, trial: Trial): Promise<Result> {
  // The scripts are not compiled: they stay in the source tree, three folders up from the build.
  const file = fileURLToPath(new URL(`../../../benchmarks/peers/${script}`, import.meta.url));
  return runChild(python, [file, JSON.stringify(trial)], { PYTHONDONTWRITEBYTECODE: '1' });
}
