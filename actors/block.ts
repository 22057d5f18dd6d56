import type { Side } from '../src/ratings/ratings.js';
import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import { asError } from './as-error.js';
import type { BlockCommand } from './protocol.js';
import type { SwappableExecutor } from './swappable-executor.js';

/** Starts the actor that owns one block of rows of `side`. It keeps no state between phases. */
export function spawnBlock(
  system: ActorSystem,
  {
    side,
    block,
    executor,
    now,
  }: {
    readonly side: Side;
    readonly block: number;
    readonly executor: Pick<SwappableExecutor, 'solve'>;
    /** Milliseconds; only differences count. */
    readonly now: () => number;
  },
): Ref<BlockCommand> {
  return system.spawn<null, BlockCommand>(`${side}-block-${block}`, {
    initialState: null,
    async receive(state, { phase, replyTo }) {
      try {
        const result = await executor.solve({ ...phase, block });
        dispatch(replyTo, { type: 'solved', phase, block, result, endMs: now() });
      } catch (thrown) {
        dispatch(replyTo, { type: 'failed', phase, block, error: asError(thrown) });
      }
      return state;
    },
    onFault: () => {},
  });
}
