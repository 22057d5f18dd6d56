import { Node } from '../../../actors/placements/nodes/cluster/node.js';
import { type Hello, protocolVersion } from '../../../actors/placements/nodes/protocol/messages.js';
import { Seal } from '../../../actors/placements/nodes/seal/seal.js';
import type { Bus } from '../../../actors/placements/nodes/transport/bus.js';
import { packageVersion } from '../../../src/version.js';

/** What a worker of this version says of itself. */
export function aHello(name: string, more: Partial<Hello> = {}): Hello {
  return {
    ...{ type: 'hello', protocol: protocolVersion, version: packageVersion },
    ...{ worker: `${name}-1`, name, key: '', threads: 1, memory: 1e9, kernels: ['reference'] },
    ...{ jobs: '*', hasData: false, busy: 0 },
    ...more,
  };
}

/** A node that has joined, by itself; nothing that is delivered to it arrives. */
export function aNode(name: string, more: Partial<Hello> = {}): Node {
  const bus = { deliver: () => new Promise(() => {}) } as Partial<Bus> as Bus;
  const key = new Uint8Array(32).fill(name.charCodeAt(0));
  return new Node(bus, 'job-1a', aHello(name, more), new Seal(key));
}
