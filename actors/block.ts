import type { Side } from '../src/ratings/ratings.js';
import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import type { PlacedJob } from './placements/placement.js';
import type { BlockCommand } from './protocol.js';

/** Starts the actor that owns one block of rows of `side`. It keeps no state between phases. */
export function spawnBlock(
  system: ActorSystem,
  {
    side,
    block,
    place,
  }: { readonly side: Side; readonly block: number; readonly place: PlacedJob },
): Ref<BlockCommand> {
  return system.spawn<null, BlockCommand>(`${side}-block-${block}`, {
    initialState: null,
    async receive(state, { phase, replyTo }) {
      try {
        const result = await place.solve({ ...phase, block });
        dispatch(replyTo, { type: 'solved', phase, block, result });
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        dispatch(replyTo, { type: 'failed', phase, block, error });
      }
      return state;
    },
    onFault: () => {},
  });
}
