import type { RecomputedSetup } from '../../actors/planning/notebook-setups.js';
import { asBytes, asCompact, asSeconds } from './figures.js';
import { type FiguresColumn, figuresTable } from './figures-table.js';

const names: readonly (readonly [head: string, align: FiguresColumn['align']])[] = [
  ['setup', 'left'],
  ['users × items', 'left'],
  ['nodes', 'right'],
  ['printed', 'right'],
];

/**
 * The notebook's table beside what its formula gives, and what a plan expects at rank 64.
 *
 * @param width columns of the terminal
 */
export function setupsTable(setups: readonly RecomputedSetup[], width: number): string {
  const columns = (heads: readonly string[]) => [
    ...names.map(([head, align]) => ({ head, align })),
    ...heads.map((head) => ({ head, align: 'right' as const })),
  ];
  const cells = ({ name, users, items, nodes, printedBytes }: RecomputedSetup) => [
    ...[name, `${asCompact(users)} × ${asCompact(items)}`, asCompact(nodes), asBytes(printedBytes)],
  ];
  const copies = setups.map((setup) => {
    const [printed, ...others] = setup.ranks;
    const { float32, float64 } = printed!.copyBytes;
    return [
      ...cells(setup),
      ...[`${asBytes(float32)} / ${asBytes(float64)}`, asBytes(printed!.deliveredBytes)],
      ...others.flatMap(({ copyBytes, deliveredBytes }) => [
        `${asBytes(copyBytes.float32)}, ${asBytes(deliveredBytes)}`,
      ]),
    ];
  });
  const plans = setups.map((setup) => {
    const { ratings, plan } = setup;
    const { routed, broadcast } = plan.bytes;
    return [
      ...cells(setup).slice(0, 3),
      ...[asCompact(ratings), asBytes(broadcast), asBytes(routed)],
      ...[asBytes(plan.memory.total), asSeconds(plan.seconds.iteration), plan.bottleneck],
    ];
  });
  return [
    'Bytes of an iteration, rank × (users + items) elements: a full copy, and what (nodes − 1) copies take',
    figuresTable(
      columns(['rank 10: float32 / float64', 'delivered', 'rank 64: copy, delivered', 'rank 128']),
      copies,
      width,
    ),
    '',
    'Rank 64, nodes of two threads, rows sent straight to nodes (not built), ratings assumed',
    figuresTable(
      [
        ...columns([]).slice(0, 3),
        ...['ratings', 'broadcast', 'routed', 'memory a node', 'iteration'].map((head) => ({
          head,
          align: 'right' as const,
        })),
        { head: 'limit', align: 'left' },
      ],
      plans,
      width,
    ),
  ].join('\n');
}
