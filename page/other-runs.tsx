import type { RunSummary } from '../src/watch/lines.js';
import type { RunView } from '../src/watch/view/run-view.js';
import { differingOptions } from '../src/watch/view/trial-board.js';
import { metricTitle, optionTitle, share, valueText } from './format.js';
import { Scroll } from './scroll.js';
import type { Others } from './use-others.js';

/** Runs of the same folder, to lay over the shown one; only options that differ are listed. */
export function OtherRuns({
  runs,
  shown,
  view,
  others,
  canOverlay,
}: {
  readonly runs: readonly RunSummary[];
  readonly shown: string;
  /** Of the shown run. */
  readonly view: RunView;
  readonly others: Others;
  /** Whether the shown run has curves. */
  readonly canOverlay: boolean;
}) {
  if (runs.length < 2) return null;
  const figuresOf = ({ id, figures }: RunSummary) => (id === shown ? view.withheld : figures);
  const trainings = runs.filter(isTraining);
  const names = differingOptions(trainings.map(({ settings }) => settings));
  const metrics = ['ndcg@20', 'rmse'].filter((name) =>
    runs.some((run) => figuresOf(run)[name] !== undefined),
  );
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs of this folder</h2>
      <p class="quiet">
        {canOverlay && 'Chosen runs are laid over the curves. '}
        {names.length > 0 && 'The last columns are the options in which the runs differ.'}
      </p>
      <Scroll label="Table of runs" isShort>
        <table>
          <thead>
            <tr>
              {canOverlay && <th scope="col">show</th>}
              <th scope="col" class="words">
                run
              </th>
              {metrics.map((name) => (
                <th key={name} scope="col">
                  {metricTitle(name)}
                </th>
              ))}
              <th scope="col">began</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {optionTitle(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => {
              const { id, name, startedAt, settings } = run;
              return (
                <tr key={id} class={id === shown ? 'shown' : ''}>
                  {canOverlay && (
                    <td>
                      {id === shown && 'shown'}
                      {id !== shown && isTraining(run) && (
                        <input
                          type="checkbox"
                          aria-label={`lay ${name} over the curves`}
                          checked={others.chosen.has(id)}
                          onChange={() => others.toggle(id)}
                        />
                      )}
                    </td>
                  )}
                  <th scope="row" class="words">
                    {name}
                  </th>
                  {metrics.map((metric) => (
                    <td key={metric}>{share(figuresOf(run)[metric])}</td>
                  ))}
                  <td>{new Date(startedAt).toLocaleString('en-GB')}</td>
                  {isTraining(run) &&
                    names.map((option) => <td key={option}>{valueText(settings[option])}</td>)}
                  {!isTraining(run) && names.length > 0 && <td colSpan={names.length} />}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** A search has no settings of its own, and no curves. */
function isTraining({ settings }: RunSummary): boolean {
  return Object.keys(settings).length > 0;
}
