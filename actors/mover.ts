import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import { asError } from './as-error.js';
import type { MoverCommand } from './protocol.js';
import type { SwappableExecutor } from './swappable-executor.js';

/**
 * Starts the actor that moves the job from one place to another, so that the supervisor does not
 * wait.
 */
export function spawnMover(system: ActorSystem, executor: SwappableExecutor): Ref<MoverCommand> {
  return system.spawn<null, MoverCommand>('mover', {
    initialState: null,
    async receive(state, { placement, replyTo }) {
      const from = executor.name;
      try {
        await executor.moveTo(placement);
        dispatch(replyTo, { type: 'moved', from, to: placement.name });
      } catch (thrown) {
        dispatch(replyTo, { type: 'stayed', wanted: placement.name, error: asError(thrown) });
      }
      return state;
    },
    onFault: () => {},
  });
}
