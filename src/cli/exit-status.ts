import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { InvalidOptionError, SeesawError } from '../errors.js';
import { escapeControls } from './escape-controls.js';
import { flagOf, inFlags } from './in-flags.js';

/** The command line does not say what to do; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The work is done and saved, but its result could not be shown. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  readonly code = 'ERR_REPORT';
}

/** A signal, or a reader that went away, ended the command before it was done. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

  constructor(signal: Interruption['signal'], message = 'stopped; nothing was saved') {
    super(message);
    this.signal = signal;
  }
}

/**
 * Exit status of a command that ended with `error`: 1 when it failed, 2 when it was used wrongly,
 * 128 + the signal's number when it was interrupted, as shells report it.
 */
export function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError || error instanceof InvalidOptionError) return 2;
  if (error instanceof Interruption) return 128 + constants.signals[error.signal];
  return 1;
}

/**
 * The message about `error` for people, or nothing if it was shown already.
 *
 * @param verbose with the stack, and that of its causes
 */
export function describeFailure(error: unknown, verbose: boolean): string | undefined {
  // Commander has printed help or its complaint already.
  if (error instanceof CommanderError) return undefined;
  if (error instanceof Interruption) return error.signal === 'SIGPIPE' ? undefined : error.message;
  if (!(error instanceof Error)) return `seesaw: ${escapeControls(String(error))}`;
  // One line, so that text quoted in a message cannot look like another message.
  const said = error instanceof SeesawError ? inFlags(asFlag(error)) : error.message;
  const text = `seesaw: ${error instanceof SeesawError ? escapeControls(said) : said}`;
  const code = codeOf(error);
  const message = code === undefined ? text : `${text} (${code})`;
  return verbose ? `${message}\n${stackOf(error)}` : message;
}

/** Flags with other names than their options. */
const names: Readonly<Record<string, string>> = {
  fraction: 'holdout',
  'checkpoint.path': 'checkpoint',
  password: 'nats-password',
  networkBitsPerSecond: 'network',
  memoryBytes: 'memory',
  'limits.list': 'max-count',
  'limits.batch': 'max-batch',
  'limits.bodyBytes': 'max-body',
  'limits.concurrency': 'concurrency',
  'limits.perSecond': 'rate-limit',
  'limits.requestSeconds': 'request-timeout',
  impressionSeconds: 'impression-hours',
};

/** The library speaks of `cgSteps`, the command line of `--cg-steps`. */
function asFlag(error: Error): string {
  if (!(error instanceof InvalidOptionError)) return error.message;
  const { option, message } = error;
  // They are arguments.
  if (option === 'files') return message.replace('option files is', 'found');
  return message.replace(`option ${option} `, `option ${flagOf(names[option] ?? option)} `);
}

function codeOf(error: Error): string | undefined {
  if (error instanceof SeesawError) return error.code;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
