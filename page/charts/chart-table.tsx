import { useState } from 'preact/hooks';
import { figure } from '../format.js';
import { Scroll } from '../scroll.js';
import type { ChartProps } from './chart-props.js';

/** Of a longer chart the last rows are shown; the kept file has all. */
const maxRows = 200;

/** The figures of a chart as a table, made when it is opened. */
export function ChartTable({ title, xName, xs, series }: ChartProps) {
  const [isOpen, setIsOpen] = useState(false);
  const first = Math.max(0, xs.length - maxRows);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Table of {title}</summary>
      {isOpen && (
        <Scroll label={`Table of ${title}`} isShort>
          <table>
            <caption>
              {first > 0 ? `the last ${maxRows} of ${xs.length}` : `all ${xs.length}`}
            </caption>
            <thead>
              <tr>
                <th scope="col">{xName}</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {xs.slice(first).map((x, at) => (
                <tr key={x}>
                  <th scope="row">{figure(x)}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>{figure(values[first + at])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </details>
  );
}
