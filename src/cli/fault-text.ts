import type { FaultReport, NodeFault } from '../../actors/run-event.js';
import { escapeControls } from './escape-controls.js';

/** A fault, for people, on one line: its message may come from another machine. */
export function faultText(fault: FaultReport): string {
  return escapeControls(textOf(fault));
}

function textOf(fault: FaultReport): string {
  const { message } = fault;
  switch (fault.component) {
    case 'block': {
      const consequence = fault.action === 'solve-again' ? 'solving it again' : 'giving up';
      return `${fault.side} block ${fault.block} failed: ${message}; ${consequence}`;
    }
    case 'placement':
      return `${fault.placement} does not open: ${message}; staying`;
    case 'checkpoint':
      return fault.action === 'go-on'
        ? `checkpoint ${fault.iteration} failed: ${message}; training goes on`
        : `checkpoint ${fault.iteration} is passed over: ${message}`;
    case 'kernel':
      return `${message}; going on with WASM`;
    case 'node':
      return nodeLine(fault);
    case 'server':
      return fault.action === 'wait' ? `${message}; waiting for it` : `warning: ${message}`;
    default:
      return fault satisfies never;
  }
}

function nodeLine({ node, message, action }: NodeFault): string {
  switch (action) {
    case 'solve-elsewhere':
      return `${node}: ${message}; others solve its blocks`;
    case 'send-again':
      return `${node}: ${message}; sending it again`;
    case 'leave-out':
      return `${node} is not used: ${message}`;
    default:
      return action satisfies never;
  }
}
