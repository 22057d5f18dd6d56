import type { EvaluationLine } from '../../src/watch/lines.js';
import { figure, metricTitle } from '../format.js';

/** How good the model is on withheld ratings, beside what needs no model. */
export function Metrics({ evaluation }: { readonly evaluation: EvaluationLine | undefined }) {
  if (evaluation === undefined) return null;
  const { model, mostPopular, ratings } = evaluation;
  const names = Object.keys(model).filter((name) => name === 'auc' || name.includes('@'));
  return (
    <section aria-labelledby="metrics">
      <h2 id="metrics">On withheld ratings</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">figure</th>
            <th scope="col">model</th>
            <th scope="col">most popular</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{metricTitle(name)}</th>
              <td>
                <strong>{figure(model[name])}</strong>
              </td>
              <td>{figure(mostPopular[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {ratings !== undefined && (
        <table>
          <thead>
            <tr>
              <th scope="col">predicted by</th>
              <th scope="col">RMSE</th>
              <th scope="col">MAE</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries({
              model: 'the model',
              itemMean: 'mean of the item',
              globalMean: 'mean',
            }).map(([name, title]) => (
              <tr key={name}>
                <th scope="row">{title}</th>
                <td>{figure(ratings[name]?.rmse)}</td>
                <td>{figure(ratings[name]?.mae)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
