import {
  KernelFaultError,
  KernelUnavailableError,
  MemoryLimitError,
  MemoryRefusedError,
  SingularSystemError,
  StoppedError,
} from '../../src/errors.js';

/** An error as plain data: crossing a thread, an `Error` loses its class, name and fields. */
export type WireError =
  | {
      readonly code: 'ERR_SINGULAR_SYSTEM';
      readonly side: 'user' | 'item';
      readonly row: number | undefined;
    }
  | {
      readonly code: 'ERR_KERNEL_FAULT';
      readonly kernel: string;
      readonly action: string;
      readonly reason: string;
      readonly stack: string | undefined;
    }
  | { readonly code: 'ERR_KERNEL_UNAVAILABLE'; readonly message: string }
  | {
      readonly code: 'ERR_MEMORY_LIMIT';
      readonly neededBytes: number;
      readonly limitBytes: number;
    }
  | { readonly code: 'ERR_MEMORY_REFUSED'; readonly neededBytes: number }
  | { readonly code: 'ERR_STOPPED' }
  | { readonly code: 'unknown'; readonly message: string; readonly stack: string | undefined };

/** What to send for anything thrown. */
export function toWire(error: unknown): WireError {
  if (error instanceof SingularSystemError) {
    return { code: error.code, side: error.side, row: error.row };
  }
  if (error instanceof KernelFaultError) {
    const { code, kernel, action, reason, stack } = error;
    return { code, kernel, action, reason, stack };
  }
  if (error instanceof KernelUnavailableError) return { code: error.code, message: error.message };
  if (error instanceof MemoryLimitError) {
    return { code: error.code, neededBytes: error.neededBytes, limitBytes: error.limitBytes };
  }
  if (error instanceof MemoryRefusedError) {
    return { code: error.code, neededBytes: error.neededBytes };
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
    case 'ERR_KERNEL_FAULT':
      return withStack(new KernelFaultError(wire.kernel, wire.action, wire.reason), wire.stack);
    case 'ERR_KERNEL_UNAVAILABLE':
      return new KernelUnavailableError(wire.message);
    case 'ERR_MEMORY_LIMIT':
      return new MemoryLimitError(wire.neededBytes, wire.limitBytes);
    case 'ERR_MEMORY_REFUSED':
      return new MemoryRefusedError(wire.neededBytes);
    case 'ERR_STOPPED':
      return new StoppedError();
    case 'unknown':
      return withStack(new Error(wire.message), wire.stack);
    default:
      return wire satisfies never;
  }
}

/** The error with the stack of where it was thrown. */
function withStack(error: Error, stack: string | undefined): Error {
  if (stack !== undefined) error.stack = stack;
  return error;
}
