import {
  aCount,
  aSeed,
  checkOptions,
  checkValue,
  integer,
  numberAbove,
  numberFrom,
  type Rules,
} from '../../../src/check-options.js';
import { InvalidOptionError } from '../../../src/errors.js';
import type { MachineFigures } from '../machine-figures.js';
import type { ResolvedCluster } from '../plan-input.js';

/** A node that is slower than the others. */
export interface Straggler {
  /** Number of the node, from 0. */
  readonly node: number;
  /** How many times as long its arithmetic and its transfers take, ≥ 1. */
  readonly slowness: number;
}

/** A node that is lost. */
export interface LostNode {
  /** Number of the node, from 0. */
  readonly node: number;
  /** Seconds from the start of the first phase, > 0. */
  readonly at: number;
}

/** The options of `simulateTraining`. */
export interface SimulationOptions {
  /** Default those of the shape, 5 at most, and of more than 200,000 tasks fewer, down to 2. */
  readonly iterations?: number | undefined;
  /** Of the times of tasks. The same seed gives the same events. Default 1. */
  readonly seed?: number | undefined;
  /** Nodes that are slower than the others. Default none. */
  readonly stragglers?: readonly Straggler[] | undefined;
  /** Nodes that are lost; one must be left. Default none. */
  readonly lost?: readonly LostNode[] | undefined;
  /** Of the nodes' kind of machine. Default those of a development machine. */
  readonly figures?: MachineFigures | undefined;
}

const rules: Rules<keyof SimulationOptions> = {
  iterations: aCount,
  seed: aSeed,
  stragglers: { expected: 'a list of { node, slowness }', accepts: Array.isArray },
  lost: { expected: 'a list of { node, at }', accepts: Array.isArray },
  figures: {
    expected: 'what seesaw plan --calibrate keeps',
    accepts: (value) => typeof value === 'object',
  },
};

/** Throws `InvalidOptionError`. */
export function checkSimulation(options: SimulationOptions): void {
  checkOptions({ of: 'simulateTraining' }, options, rules);
}

/** Throws `InvalidOptionError`. */
export function checkNodes(
  { stragglers = [], lost = [] }: SimulationOptions,
  { nodes }: ResolvedCluster,
): void {
  const aNode = integer(0, nodes - 1);
  for (const { node, slowness } of stragglers) {
    checkValue('stragglers', node, aNode);
    checkValue('stragglers', slowness, numberFrom(1));
  }
  for (const { node, at } of lost) {
    checkValue('lost', node, aNode);
    checkValue('lost', at, numberAbove(0));
  }
  const left = nodes - new Set(lost.map(({ node }) => node)).size;
  if (left > 0) return;
  throw new InvalidOptionError(
    'lost',
    `found ${nodes} of ${nodes} nodes lost; expected one that stays`,
  );
}
