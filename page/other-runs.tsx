import type { RunSummary } from '../src/watch/lines.js';
import { differingOptions } from '../src/watch/view/trial-board.js';
import { figure, metricTitle, optionTitle } from './format.js';
import { Scroll } from './scroll.js';
import type { Others } from './use-others.js';

/** Runs of the same folder, to lay over the shown one; only options that differ are listed. */
export function OtherRuns({
  runs,
  shown,
  others,
}: {
  readonly runs: readonly RunSummary[];
  readonly shown: string;
  readonly others: Others;
}) {
  if (runs.length < 2) return null;
  const names = differingOptions(runs.map(({ settings }) => settings));
  const metrics = ['ndcg@20', 'rmse'];
  const last = (id: string, metric: string) =>
    others.chosen.get(id)?.latest(`validation.${metric}`);
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs of this folder</h2>
      <p class="quiet">
        Chosen runs are laid over the curves. The columns are the options in which the runs differ.
      </p>
      <Scroll label="Runs of this folder">
        <table>
          <thead>
            <tr>
              <th scope="col">show</th>
              <th scope="col">run</th>
              <th scope="col">began</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {optionTitle(name)}
                </th>
              ))}
              {metrics.map((name) => (
                <th key={name} scope="col">
                  {metricTitle(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map(({ id, name, startedAt, settings }) => (
              <tr key={id}>
                <td>
                  {id === shown ? (
                    'shown'
                  ) : (
                    <input
                      type="checkbox"
                      aria-label={`lay ${name} over the curves`}
                      checked={others.chosen.has(id)}
                      onChange={() => others.toggle(id)}
                    />
                  )}
                </td>
                <th scope="row">{name}</th>
                <td>{new Date(startedAt).toLocaleString('en-GB')}</td>
                {names.map((option) => (
                  <td key={option}>{String(settings[option] ?? '–')}</td>
                ))}
                {metrics.map((metric) => (
                  <td key={metric}>{figure(last(id, metric))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
