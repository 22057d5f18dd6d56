import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LostNode, Straggler } from '../../actors/planning/simulation/simulation-options.js';
import { parseNumber } from './parse-number.js';

/** What `seesaw plan` is told of a simulation. */
export interface SimulationFlags {
  readonly iterations?: number;
  readonly simulate?: true;
  readonly seed?: number;
  readonly straggler?: readonly Straggler[];
  readonly loseNode?: readonly LostNode[];
  readonly events?: string;
  readonly trace?: string;
}

/** Adds the flags of a simulation. */
export function addSimulationFlags(command: Command): Command {
  return command
    .optionsGroup('A simulation:')
    .option(
      '--simulate',
      'also solve every block on simulated nodes, in times drawn from measured ones',
    )
    .addOption(new Option('--seed <n>', 'of those times (default: 1)').argParser(parseNumber))
    .addOption(
      new Option(
        '--straggler <node:factor>',
        'a node that takes so many times as long, such as 3:2',
      ).argParser(addStraggler),
    )
    .addOption(
      new Option(
        '--lose-node <node@seconds>',
        'a node that is lost after so many seconds, such as 3@20',
      ).argParser(addLostNode),
    )
    .option('--events <file>', 'its events, for seesaw watch: a name that ends in .events.ndjson')
    .option('--trace <file>', 'its events as a Chrome trace, for Perfetto');
}

function addStraggler(text: string, before: readonly Straggler[] = []): Straggler[] {
  const [, node, slowness] = /^(\d+):([\d.]+)$/.exec(text) ?? [];
  if (node === undefined)
    throw new InvalidArgumentError('Expected a node and a factor such as 3:2.');
  return [...before, { node: Number(node), slowness: Number(slowness) }];
}

function addLostNode(text: string, before: readonly LostNode[] = []): LostNode[] {
  const [, node, at] = /^(\d+)@([\d.]+)$/.exec(text) ?? [];
  if (node === undefined)
    throw new InvalidArgumentError('Expected a node and seconds such as 3@20.');
  return [...before, { node: Number(node), at: Number(at) }];
}
