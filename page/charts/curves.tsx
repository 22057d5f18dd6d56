import { useMemo, useRef, useState } from 'preact/hooks';
import { bestSoFar } from '../../src/watch/view/envelope.js';
import type { RunView } from '../../src/watch/view/run-view.js';
import { differingOptions } from '../../src/watch/view/trial-board.js';
import { figure, optionsText } from '../format.js';
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
  return (
    <section aria-labelledby="curves">
      <div class="heading">
        <h2 id="curves">Curves</h2>
        <button type="button" aria-pressed={isFrozen} onClick={() => setIsFrozen(!isFrozen)}>
          Freeze
        </button>
      </div>
      {view.iterations.length === 0 ? (
        <p class="quiet">The first iteration is under way.</p>
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
  const errorNames = isExplicit
    ? ['rmse', 'mae', 'validation.rmse', 'validation.mae']
    : ['preferenceRmse', 'validation.preferenceRmse'];
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
    chart(view, others, {
      title: isExplicit ? 'Errors of ratings' : 'RMSE of preferences',
      figures: Object.fromEntries(
        errorNames.map((name) => [
          name,
          name.startsWith('validation.') ? 'withheld' : 'trained on',
        ]),
      ),
      isHigherBetter: false,
    }),
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
  const titles = names.map((name) => lineName(name, figures[name]!, names));
  const series: Series[] = names.map((name, at) => ({
    name: titles[at]!,
    values: [...view.figures.get(name)!],
    colour: at,
  }));
  const main = names[0];
  let best: number | null | undefined;
  if (main !== undefined && isHigherBetter !== undefined) {
    const values = bestSoFar(view.figures.get(main)!, isHigherBetter);
    best = values.at(-1);
    series.push({ name: `best ${titles[0]}`, values, colour: 0, isDashed: true });
  }
  const xs = [...view.iterations];
  if (main !== undefined) series.push(...overlays(main, view, others, xs));
  const bestNote = best === null || best === undefined ? undefined : `best ${figure(best)}`;
  return { title, xs, series, note: bestNote };
}

/** The main figure of other runs, named by the options in which they differ; lengthens `xs`. */
function overlays(
  main: string,
  view: RunView,
  others: ReadonlyMap<string, RunView>,
  xs: number[],
): readonly Series[] {
  const settings = [view, ...others.values()].map(({ started }) => started?.settings ?? {});
  const differing = differingOptions(settings);
  for (const { iterations } of others.values()) {
    for (const iteration of iterations) if (iteration > (xs.at(-1) ?? 0)) xs.push(iteration);
  }
  return [...others].flatMap(([id, other], at) => {
    const values = other.figures.get(main);
    if (values === undefined) return [];
    const by = new Map(other.iterations.map((iteration, index) => [iteration, values[index]]));
    const options = optionsText(other.started?.settings ?? {}, differing);
    return {
      name: options === '' ? id : `${id} (${options})`,
      values: xs.map((x) => by.get(x) ?? null),
      colour: 4 + at,
    };
  });
}

function lineName(name: string, title: string, all: readonly string[]): string {
  // Errors come as RMSE and MAE of both kinds.
  const isMae = /mae$/i.test(name);
  return all.some((each) => /mae$/i.test(each)) ? `${isMae ? 'MAE' : 'RMSE'} ${title}` : title;
}
