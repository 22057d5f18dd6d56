import { SingularSystemError } from '../../src/errors.js';
import { StoppedError } from '../errors.js';

/** An error as plain data: crossing a thread, an `Error` loses its class, name and fields. */
export type WireError =
  | {
      readonly code: 'ERR_SINGULAR_SYSTEM';
      readonly side: 'user' | 'item';
      readonly row: number | undefined;
    }
  | { readonly code: 'ERR_STOPPED' }
  | { readonly code: 'unknown'; readonly message: string; readonly stack: string | undefined };

/** What to send for anything thrown. */
export function toWire(error: unknown): WireError {
  if (error instanceof SingularSystemError) {
    return { code: error.code, side: error.side, row: error.row };
  }
  if (error instanceof StoppedError) return { code: error.code };
  if (error instanceof Error) {
    return { code: 'unknown', message: error.message, stack: error.stack };
  }
  return { code: 'unknown', message: String(error), stack: undefined };
}

/** The error again, of its own class where it had one of this package's. */
export function fromWire(wire: WireError): Error {
  switch (wire.code) {
    case 'ERR_SINGULAR_SYSTEM':
      return new SingularSystemError(wire.side, wire.row);
    case 'ERR_STOPPED':
      return new StoppedError();
    case 'unknown': {
      const error = new Error(wire.message);
      if (wire.stack !== undefined) error.stack = wire.stack;
      return error;
    }
    default:
      return wire satisfies never;
  }
}
