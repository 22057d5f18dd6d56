import { spawnSync } from 'node:child_process';

/** How a command ended on a terminal. */
export interface TerminalResult {
  /** Undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly signal: number | undefined;
  /** All that the terminal was given, sequences included. */
  readonly output: string;
}

/** Runs a command in a pseudo-terminal; presses Ctrl-C each time one of the words is new on it. */
const program = `
import fcntl, json, os, pty, struct, sys, termios
given = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    size = struct.pack('HHHH', 40, given['columns'], 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(given['command'][0], given['command'])
output, words = b'', [word.encode() for word in given['interruptAt']]
while True:
    try:
        text = os.read(terminal, 65536)
    except OSError:
        break
    if not text:
        break
    output += text
    if words and words[0] in output:
        words.pop(0)
        os.write(terminal, b'\\x03')
_, ended = os.waitpid(pid, 0)
signal = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else None
status = os.WEXITSTATUS(ended) if signal is None else None
print(json.dumps({'status': status, 'signal': signal, 'output': output.decode('utf8', 'replace')}))
`;

/** Whether there is a Python that can open pseudo-terminals. */
export const hasTerminals = spawnSync('python3', ['-c', 'import pty, fcntl, termios']).status === 0;

/** Runs a command in a pseudo-terminal of its own; `hasTerminals` must hold. */
export function onTerminal(
  command: readonly string[],
  { columns = 80, interruptAt = [] }: { columns?: number; interruptAt?: readonly string[] },
): TerminalResult {
  const given = JSON.stringify({ command, columns, interruptAt });
  const env = { ...process.env, TERM: 'xterm' };
  const { stdout, stderr } = spawnSync('python3', ['-c', program, given], { env });
  if (stdout.length === 0) throw new Error(String(stderr));
  const { status, signal, output } = JSON.parse(String(stdout));
  return { status: status ?? undefined, signal: signal ?? undefined, output };
}

/**
 * What stands on a terminal at the end of an output: text, line ends, and the sequences that move the
 * cursor up, down and to a column and that erase lines and what follows.
 */
export function screenOf(output: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const rowNow = () => {
    while (rows.length <= row) rows.push([]);
    return rows[row]!;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what moves a cursor.
  for (const [all, count, command] of output.matchAll(/\u001b\[\??([\d;]*)([A-Za-z])|[\s\S]/g)) {
    if (command === 'A') row = Math.max(0, row - (Number(count) || 1));
    else if (command === 'B') row += Number(count) || 1;
    else if (command === 'G') column = (Number(count) || 1) - 1;
    else if (command === 'K') rowNow().length = count === '2' ? 0 : column;
    else if (command === 'J') {
      rowNow().length = column;
      rows.length = row + 1;
    } else if (command !== undefined) continue;
    else if (all === '\r') column = 0;
    else if (all === '\n') row++;
    else {
      if (column === columns) [row, column] = [row + 1, 0];
      const line = rowNow();
      while (line.length < column) line.push(' ');
      line[column++] = all;
    }
  }
  return rows.map((line) => line.join('').trimEnd());
}
