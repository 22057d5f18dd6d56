import type { KeptModel, Snapshot } from '../src/training/snapshot.js';
import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import { asError } from './as-error.js';
import type { WriterCommand } from './protocol.js';

/** Where a run's snapshots go, and how often. */
export interface Checkpoints {
  /** After every so many iterations, and after the last one; ≥ 1. */
  readonly every: number;
  /** Models of iterations so far that the run may end with. */
  kept(): readonly KeptModel[];
  /** Resolves when the snapshot is safe against a crash, and says where it is and how large. */
  write(snapshot: Snapshot): Promise<{ readonly path: string; readonly bytes: number }>;
}

/** Starts the actor that writes one snapshot after the other while the run goes on. */
export function spawnCheckpointWriter(
  system: ActorSystem,
  write: Checkpoints['write'],
  now: () => number,
): Ref<WriterCommand> {
  return system.spawn<null, WriterCommand>('checkpoint-writer', {
    initialState: null,
    async receive(state, { snapshot, replyTo }) {
      const { iteration } = snapshot;
      const startMs = now();
      try {
        const { path, bytes } = await write(snapshot);
        const seconds = (now() - startMs) / 1000;
        dispatch(replyTo, { type: 'written', iteration, path, bytes, seconds });
      } catch (thrown) {
        dispatch(replyTo, { type: 'unwritten', iteration, error: asError(thrown) });
      }
      return state;
    },
    onFault: () => {},
  });
}
