import type { ComponentChildren } from 'preact';
import type { RunSummary } from '../src/watch/lines.js';
import type { RunStatus, RunView } from '../src/watch/view/run-view.js';
import type { ConnectionState } from './connection.js';
import { count, duration } from './format.js';

const statusTexts: Readonly<Record<RunStatus, string>> = {
  waiting: 'waiting for ratings',
  training: 'training',
  paused: 'paused',
  measuring: 'trained',
  finished: 'finished',
  failed: 'failed',
};

/** What runs, how far it is, and which run is shown. */
export function Header({
  view,
  connection,
  runs,
  shown,
  onShow,
  failure,
  children,
}: {
  readonly view: RunView;
  readonly connection: ConnectionState;
  readonly runs: readonly RunSummary[];
  readonly shown: string;
  readonly onShow: (run: string) => void;
  readonly failure: string;
  readonly children: ComponentChildren;
}) {
  const { started, status, trials } = view;
  const isSearch = trials.planned > 0;
  const trialsDone = trials.done;
  const [part, whole] = isSearch
    ? [trialsDone, trials.planned]
    : [view.iterationsDone, started?.iterations ?? 0];
  const what = isSearch ? 'trial' : 'iteration';
  const isOver = status === 'finished' || status === 'failed';
  const seconds = view.seconds ?? view.elapsed;
  const data = started ?? trials.data;
  const isLost = connection === 'lost' || failure !== '';
  const faults = view.timeline.marks.filter(({ kind }) => kind === 'fault').length;
  return (
    <header>
      <div class="title">
        <h1>Seesaw</h1>
        {runs.length > 1 ? (
          <label>
            <span class="quiet">run</span>{' '}
            <select value={shown} onChange={(event) => onShow(event.currentTarget.value)}>
              {runs.map(({ id, name, isLive }) => (
                <option key={id} value={id}>
                  {isLive ? `${name} (this one)` : name}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span class="quiet">{view.name}</span>
        )}
      </div>
      <p role="status" class="status">
        <span class={`pill ${isLost && status !== 'finished' ? 'lost' : status}`}>
          {isLost && status !== 'finished' && status !== 'failed'
            ? 'connection lost'
            : statusTexts[status]}
        </span>
        {whole > 0 && (
          <span>
            {what} {count(part)} of {count(whole)}
          </span>
        )}
        {status === 'finished' && part < whole && <span class="quiet">ended early</span>}
        {seconds !== undefined && <span>{duration(seconds)}</span>}
        {faults > 0 && (
          <span class="fault-count">
            {count(faults)} {faults === 1 ? 'fault' : 'faults'}
          </span>
        )}
      </p>
      {whole > 0 && !isOver && (
        <progress value={part} max={whole} aria-label={`${what}s done`}>
          {part} of {whole}
        </progress>
      )}
      {data !== undefined && (
        <p class="facts">
          {count(data.ratings)} ratings by {count(data.users)} users of {count(data.items)} items
          {started !== undefined &&
            ` · rank ${started.settings.rank} · ${started.settings.solver} · ${view.placement}`}
          {isSearch && ` · up to ${trials.concurrency} trials at a time, each on ${data.placement}`}{' '}
          · {data.kernel}
        </p>
      )}
      {isLost && status !== 'finished' && (
        <p class="warning">
          Nothing can be heard of the run. The page tries again by itself; if the run is over, open
          it with <code>seesaw watch</code>.
        </p>
      )}
      {status === 'failed' && <p class="warning">{view.failure}</p>}
      {children}
    </header>
  );
}
