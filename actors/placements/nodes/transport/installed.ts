import { PlacementError } from '../../../../src/errors.js';

/** The line that installs what nodes need. */
export const natsInstallLine =
  'npm install @nats-io/transport-node@3 @nats-io/jetstream@3 @nats-io/obj@3';

/**
 * A package that only nodes need, once it is loaded.
 *
 * Rejects with `PlacementError` that says how to install it, if it is not there.
 */
export async function installed<Module>(loading: Promise<Module>): Promise<Module> {
  try {
    return await loading;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) {
      throw cause;
    }
    throw new PlacementError(
      'found no NATS client; expected the packages @nats-io/transport-node, @nats-io/jetstream and ' +
        `@nats-io/obj for nodes; try ${natsInstallLine}`,
      { cause },
    );
  }
}
