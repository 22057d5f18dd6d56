import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { randomAt } from '../../../src/random.js';

const helper = fileURLToPath(new URL('./train-with-checkpoints.js', import.meta.url));

/** How a training process ended. */
export interface Life {
  /** Digest of the model if it came to its end, else undefined. */
  readonly model: string | undefined;
  /** Whether it left files of a checkpoint that it was writing. */
  readonly wasWriting: boolean;
}

/** Trains in a process of its own to the end, without checkpoints. */
export async function undisturbedModel(): Promise<string> {
  return (await live(spawn(process.execPath, [helper]), () => {}))!;
}

/**
 * Trains in a process of its own, on from the checkpoints in `folder`, and kills it at a moment that
 * `seed` chooses: at one of its events, or when a file of a checkpoint appears, is renamed or removed.
 */
export async function killedTraining(folder: string, seed: number, threads = 0): Promise<Life> {
  const child = spawn(process.execPath, [helper, folder, String(threads)]);
  const kill = () => child.kill('SIGKILL');
  let left = 1 + Math.floor(14 * randomAt(seed, 0, 0));
  const tick = () => {
    if (--left === 0) kill();
  };
  const byFiles = randomAt(seed, 0, 1) < 0.6;
  const watcher = byFiles ? watch(folder, tick) : undefined;
  try {
    const model = await live(child, byFiles ? () => {} : tick);
    return { model, wasWriting: await hasRest(folder) };
  } finally {
    watcher?.close();
    kill();
  }
}

/** Trains to the end, on from the checkpoints in `folder`. */
export async function resumedModel(folder: string): Promise<string> {
  return (await live(spawn(process.execPath, [helper, folder]), () => {}))!;
}

/** Follows a training to its end, or to its death: the digest of its model if it had one. */
async function live(child: ChildProcess, onEvent: () => void): Promise<string | undefined> {
  let model: string | undefined;
  let errors = '';
  child.stderr!.on('data', (text) => {
    errors += text;
  });
  createInterface(child.stdout!).on('line', (line) => {
    if (line.startsWith('model ')) model = line.slice('model '.length);
    onEvent();
  });
  const [status] = await once(child, 'close');
  if (status !== 0 && status !== null) throw new Error(errors);
  return model;
}

/** Whether there are files that belong to no whole checkpoint. */
async function hasRest(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some(
    (name) => name.endsWith('.tmp') || !names.includes(name.replace(/\..*$/, '.json')),
  );
}
