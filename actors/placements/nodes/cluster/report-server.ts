import type { ExecutorFault } from '../../placement.js';
import type { Bus } from '../transport/bus.js';
import { openServer } from '../transport/open-server.js';

/** Reports a server that asks for no credentials, and every time that it cannot be reached. */
export function reportServer(bus: Bus, onFault: (fault: ExecutorFault) => void): void {
  if (bus.isOpenToAll) {
    const { server } = bus;
    onFault({ component: 'server', server, message: openServer(server), action: 'go-on' });
  }
  bus.onAway(() => {
    const { server } = bus;
    const message = `the NATS server at ${server} cannot be reached`;
    onFault({ component: 'server', server, message, action: 'wait' });
  });
}
