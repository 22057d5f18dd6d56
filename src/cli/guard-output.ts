import { escapeControls } from './escape-controls.js';
import { paintCodes } from './paint.js';

/** The part of a stream that is guarded. */
export type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'hasColors' | 'write'>;

const unguarded = new WeakMap<object, NodeJS.WriteStream['write']>();

/**
 * Lets nothing reach a terminal through `stream` but text, line breaks and tabs, and its own colours
 * where it shows them: titles, ids, names of files and messages of other machines can hold sequences
 * that set its title or clear its screen. All of the command line prints through guarded streams.
 */
export function guardOutput(stream: Output): void {
  const { write } = stream;
  if (unguarded.has(stream)) return;
  unguarded.set(stream, write);
  const guarded = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    // The other arguments are an encoding, a callback, or neither.
    return Reflect.apply(write, stream, [clean(text, stream), ...rest]);
  };
  // Its overloads differ in what the rest may be.
  stream.write = guarded as NodeJS.WriteStream['write'];
}

/**
 * The stream without its guard, for output with its own control sequences. Pass text through
 * `cleanFor` first.
 */
export function unguardedStream(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = unguarded.get(stream);
  if (write === undefined) return stream;
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') return write.bind(target);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Text as the guard of a stream lets it through. */
export function clean(text: string, stream: Pick<Output, 'isTTY' | 'hasColors'>): string {
  if (!(stream.isTTY && stream.hasColors())) return escapeControls(text, '\n\t');
  // A split with a group gives text and codes in turn.
  return text
    .split(paintCodes)
    .map((part, at) => (at % 2 === 0 ? escapeControls(part, '\n\t') : part))
    .join('');
}
