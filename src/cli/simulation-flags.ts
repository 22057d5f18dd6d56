import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MachineFigures } from '../../actors/planning/machine-figures.js';
import type { ClusterShape, TrainingShape } from '../../actors/planning/plan-input.js';
import {
  type SimulatedTraining,
  simulateTraining,
} from '../../actors/planning/simulation/simulate-training.js';
import type { LostNode, Straggler } from '../../actors/planning/simulation/simulation-options.js';
import type { TrainingPlan } from '../../actors/planning/training-plan.js';
import { UsageError } from './exit-status.js';
import { parseNumber } from './parse-number.js';
import { simulatedLines, writeLines, writeTrace } from './simulation-output.js';

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

/** The simulation that is asked for, with its files written. Throws `UsageError` if flags miss `--simulate`. */
export async function simulate(
  flags: SimulationFlags & { readonly quiet?: true },
  shape: TrainingShape,
  cluster: ClusterShape,
  figures: MachineFigures,
  plan: TrainingPlan,
): Promise<SimulatedTraining | undefined> {
  const { seed, straggler: stragglers, loseNode: lost, events, trace, iterations } = flags;
  if (!flags.simulate) {
    if ((seed ?? stragglers ?? lost ?? events ?? trace) === undefined) return undefined;
    throw new UsageError(
      'found options of a simulation without --simulate; expected both; try --simulate',
    );
  }
  const simulated = simulateTraining(shape, cluster, {
    iterations,
    seed,
    stragglers,
    lost,
    figures,
  });
  const lines = () => simulatedLines(simulated, plan, new Date().toISOString());
  if (events !== undefined) await writeLines(events, lines());
  if (trace !== undefined && (await writeTrace(trace, lines())) && !flags.quiet) {
    process.stderr.write(`${trace}: the last blocks are left out, since no viewer opens so many\n`);
  }
  return simulated;
}

/** A simulation without its events. */
export function summaryOf({ events, ...summary }: SimulatedTraining) {
  return { ...summary, faults: events.filter(({ event }) => event.type === 'fault') };
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
