import type { EvaluationLine } from '../../src/watch/lines.js';
import { count, metricTitle, share } from '../format.js';
import { Scroll } from '../scroll.js';

/** How good the model is on withheld ratings, beside what needs no model. */
export function Metrics({ evaluation }: { readonly evaluation: EvaluationLine | undefined }) {
  if (evaluation === undefined) return null;
  const { model, mostPopular, ratings } = evaluation;
  const names = Object.keys(model).filter((name) => name === 'auc' || name.includes('@'));
  const { users } = model;
  return (
    <section aria-labelledby="metrics">
      <h2 id="metrics">On withheld ratings</h2>
      <Scroll label="Table of figures">
        {ratings !== undefined && (
          <table>
            <thead>
              <tr>
                <th scope="col">ratings predicted by</th>
                <th scope="col">RMSE</th>
                <th scope="col">MAE</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(predictors).map(([name, title]) => (
                <tr key={name}>
                  <th scope="row">{title}</th>
                  <td>{share(ratings[name]?.rmse)}</td>
                  <td>{share(ratings[name]?.mae)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <table>
          <thead>
            <tr>
              <th scope="col">lists</th>
              <th scope="col">model</th>
              <th scope="col">most popular</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{metricTitle(name)}</th>
                <td>
                  <strong>{share(model[name])}</strong>
                </td>
                <td>{share(mostPopular[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {users !== undefined && (
        <p class="quiet">Lists of all {count(users)} users; the curves have a sample of them.</p>
      )}
    </section>
  );
}

const predictors = {
  model: 'the model',
  itemMean: 'mean of the item',
  globalMean: 'mean of all',
} as const;
