import { useState } from 'preact/hooks';
import type { Control } from '../src/watch/lines.js';
import type { RunView } from '../src/watch/view/run-view.js';
import { press } from './server.js';

/** Buttons that control the run, as far as it takes them. */
export function Controls({
  view,
  possible,
}: {
  readonly view: RunView;
  readonly possible: readonly Control['action'][];
}) {
  const [threads, setThreads] = useState(2);
  const [answer, setAnswer] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const send = (control: Control, done: string) => {
    press(control).then(
      () => setAnswer(done),
      (error: Error) => setAnswer(error.message),
    );
  };
  const isOver = view.status === 'finished' || view.status === 'failed' || view.hasModel;
  if (isOver || possible.length === 0) return null;
  const isPaused = view.status === 'paused';
  const isSearch = view.trials.planned > 0;
  return (
    <fieldset class="controls">
      <legend class="unseen">Control of the run</legend>
      {possible.includes('pause') && (
        <button
          type="button"
          onClick={() =>
            isPaused
              ? send({ action: 'resume' }, 'it goes on')
              : send({ action: 'pause' }, 'it pauses after this phase')
          }
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
      )}
      {possible.includes('stop') && (
        <button
          type="button"
          disabled={isAsked}
          onClick={() => {
            setIsAsked(true);
            const kept = isSearch ? 'the best trial' : 'the last iteration';
            send({ action: 'stop' }, `it stops and keeps the model of ${kept}`);
          }}
        >
          Stop and keep {isSearch ? 'the best' : 'the model'}
        </button>
      )}
      {possible.includes('move') && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const place = threads === 0 ? 'the event loop' : `threads(${threads})`;
            send({ action: 'move', threads }, `it moves to ${place} before the next phase`);
          }}
        >
          <label>
            threads{' '}
            <input
              type="number"
              min={0}
              max={64}
              value={threads}
              onInput={(event) => setThreads(event.currentTarget.valueAsNumber || 0)}
            />
          </label>
          <button type="submit">Move</button>
        </form>
      )}
      <output>{answer}</output>
    </fieldset>
  );
}
