import { useMemo, useRef, useState } from 'preact/hooks';
import { bestSoFar } from '../../src/watch/view/envelope.js';
import type { RunView } from '../../src/watch/view/run-view.js';
import { differingOptions } from '../../src/watch/view/trial-board.js';
import { optionsText } from '../format.js';
import { Chart } from './chart.js';
import type { ChartProps, Series } from './chart-props.js';

type Plain = Omit<ChartProps, 'xName'>;

/** The curves of a run, others laid over them. */
export function Curves({
  view,
  version,
  others,
}: {
  readonly view: RunView;
  readonly version: number;
  readonly others: ReadonlyMap<string, RunView>;
}) {
  const [isFrozen, setIsFrozen] = useState(false);
  const frozen = useRef<readonly Plain[]>([]);
  // `version` says that the view has grown.
  const live = useMemo(() => chartsOf(view, others), [view, version, others]);
  if (!isFrozen) frozen.current = live;
  const isEmpty = view.iterations.length === 0;
  return (
    <section aria-labelledby="curves">
      <div class="heading">
        <h2 id="curves">Curves</h2>
        {!isEmpty && (
          <button type="button" aria-pressed={isFrozen} onClick={() => setIsFrozen(!isFrozen)}>
            Freeze
          </button>
        )}
      </div>
      {others.size > 0 && <OverlayKey view={view} others={others} />}
      {isEmpty ? (
        <p class="quiet">They begin with the first iteration.</p>
      ) : (
        <div class="charts">
          {frozen.current.map((chart) => (
            <Chart key={chart.title} xName="iteration" {...chart} />
          ))}
        </div>
      )}
    </section>
  );
}

function chartsOf(view: RunView, others: ReadonlyMap<string, RunView>): readonly Plain[] {
  const isExplicit = view.started?.settings.feedback === 'explicit';
  const errors = (title: string, name: string) => [
    chart(view, others, {
      title,
      figures: { [`validation.${name}`]: 'withheld', [name]: 'trained on' },
      isHigherBetter: false,
    }),
  ];
  const charts = [
    chart(view, others, {
      title: 'Lists on withheld ratings',
      figures: { 'validation.ndcg@20': 'NDCG@20', 'validation.recall@20': 'recall@20' },
      isHigherBetter: true,
    }),
    chart(view, others, {
      title: 'Loss',
      figures: { 'loss.total': 'loss' },
      isHigherBetter: false,
    }),
    chart(view, others, {
      title: 'Parts of the loss',
      figures: {
        'loss.observed': 'observed',
        'loss.unobserved': 'unobserved',
        'loss.regularization': 'regularization',
      },
    }),
    ...(isExplicit ? errors('RMSE of ratings', 'rmse') : []),
    ...(isExplicit ? errors('MAE of ratings', 'mae') : []),
    ...(isExplicit ? [] : errors('RMSE of preferences', 'preferenceRmse')),
    chart(view, others, {
      title: 'Ratings per second',
      figures: { ratingsPerSecond: 'ratings' },
    }),
    chart(view, others, {
      title: 'Seconds per phase',
      figures: { 'seconds.user': 'users', 'seconds.item': 'items' },
    }),
  ];
  // Where all memory is shared, nothing is sent.
  if (view.figures.get('bytes')?.some((bytes) => bytes !== 0)) {
    charts.push(
      chart(view, others, {
        title: 'Bytes sent per iteration',
        figures: { bytes: 'to nodes and GPU' },
      }),
    );
  }
  return charts.filter((each) => each.series.length > 0);
}

interface ChartPlan {
  readonly title: string;
  /** Names of figures, and of their lines; the first one is the chart's main figure. */
  readonly figures: Readonly<Record<string, string>>;
  /** Of the main figure; without it there is no best. */
  readonly isHigherBetter?: boolean;
}

function chart(
  view: RunView,
  others: ReadonlyMap<string, RunView>,
  { title, figures, isHigherBetter }: ChartPlan,
): Plain {
  const names = Object.keys(figures).filter((name) => view.figures.has(name));
  const titles = names.map((name) => figures[name]!);
  const series: Series[] = names.map((name, at) => ({
    name: titles[at]!,
    values: [...view.figures.get(name)!],
    colour: at,
  }));
  const main = names[0];
  if (main !== undefined && isHigherBetter !== undefined) {
    const values = bestSoFar(view.figures.get(main)!, isHigherBetter);
    series.push({ name: `best ${titles[0]}`, values, colour: 0, isDashed: true });
  }
  const xs = [...view.iterations];
  if (main !== undefined) series.push(...overlays(main, titles[0]!, others, xs));
  return { title, xs, series };
}

/** The main figure of other runs; lengthens `xs`. */
function overlays(
  main: string,
  title: string,
  others: ReadonlyMap<string, RunView>,
  xs: number[],
): readonly Series[] {
  for (const { iterations } of others.values()) {
    for (const iteration of iterations) if (iteration > (xs.at(-1) ?? 0)) xs.push(iteration);
  }
  return [...others].flatMap(([id, other], at) => {
    const values = other.figures.get(main);
    if (values === undefined) return [];
    const by = new Map(other.iterations.map((iteration, index) => [iteration, values[index]]));
    return {
      name: `${title} of ${id}`,
      values: xs.map((x) => by.get(x) ?? null),
      colour: overlayColour(at),
    };
  });
}

/** The shown run and those that are laid over it, by the options in which they differ. */
function OverlayKey({
  view,
  others,
}: {
  readonly view: RunView;
  readonly others: ReadonlyMap<string, RunView>;
}) {
  const runs = [[view.name, view] as const, ...others];
  const settings = runs.map(([, { started }]) => started?.settings ?? {});
  const differing = differingOptions(settings);
  return (
    <ul class="legend">
      {runs.map(([id], at) => (
        <li key={id}>
          <span class={`key line-${at === 0 ? 1 : (overlayColour(at - 1) % 6) + 1}`} />
          <strong>{id}</strong>
          {differing.length > 0 && `: ${optionsText(settings[at]!, differing)}`}
        </li>
      ))}
    </ul>
  );
}

/** The colours before are those of the shown run. */
function overlayColour(at: number): number {
  return 3 + at;
}
