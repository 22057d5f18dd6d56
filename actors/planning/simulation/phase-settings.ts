import type { Side } from '../../../src/ratings/ratings.js';
import type { NodeFault } from '../../run-event.js';
import type { BlockPlan } from '../block-plan.js';
import type { MachineFigures } from '../machine-figures.js';
import type { ResolvedCluster, ResolvedShape } from '../plan-input.js';
import type { RowWay } from '../row-traffic.js';
import type { LostNode, Straggler } from './simulation-options.js';

/** What phases need. */
export interface PhaseSettings {
  readonly shape: ResolvedShape;
  readonly cluster: ResolvedCluster;
  readonly figures: MachineFigures;
  readonly plan: BlockPlan;
  readonly ways: Readonly<Record<Side, RowWay>>;
  readonly seed: number;
  readonly stragglers: readonly Straggler[];
  readonly lost: readonly LostNode[];
  readonly onFault: (fault: Omit<NodeFault, 'iteration' | 'type'>, at: number) => void;
}
