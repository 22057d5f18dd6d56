import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../src/watch/lines.js';
import { Actors } from './actors/actors.js';
import { Curves } from './charts/curves.js';
import { Trials } from './charts/trials.js';
import { Controls } from './controls.js';
import { Header } from './header.js';
import { OtherRuns } from './other-runs.js';
import { Metrics } from './result/metrics.js';
import { ResultBox } from './result/result-box.js';
import { askSession } from './server.js';
import { useOthers } from './use-others.js';
import { useRun } from './use-run.js';

/** The whole page. */
export function App() {
  const [session, setSession] = useState<Session>();
  const [failure, setFailure] = useState('');
  const [shown, setShown] = useState('');
  const { view, version, connection } = useRun(shown);
  const others = useOthers();
  const { status } = view;
  const canStop = view.iterations.length > 0 || view.trials.done > 0;

  // Buttons and runs change with the state of the run.
  // These say when to ask again.
  useEffect(() => {
    askSession().then(
      (found) => {
        setSession(found);
        setFailure('');
        setShown((before) => before || found.shown);
      },
      (error: Error) => setFailure(error.message),
    );
  }, [status, canStop, connection]);

  const isLive = session?.runs.find(({ id }) => id === shown)?.isLive === true;
  const isSearch = view.trials.planned > 0;
  const runsOfFolder = (
    <OtherRuns
      {...{ runs: session?.runs ?? [], shown, view, others }}
      canOverlay={!isSearch && view.started !== undefined}
    />
  );
  return (
    <>
      <a class="skip" href="#main">
        Skip to the curves
      </a>
      <Header
        view={view}
        connection={connection}
        runs={session?.runs ?? []}
        shown={shown}
        onShow={setShown}
        failure={failure}
      >
        {isLive && <Controls view={view} possible={session?.controls ?? []} />}
      </Header>
      <main id="main">
        {isSearch ? (
          <Trials board={view.trials} version={version} />
        ) : (
          <>
            <Curves view={view} version={version} others={others.chosen} />
            {runsOfFolder}
            <Actors view={view} version={version} />
          </>
        )}
        <div class="columns">
          <Metrics evaluation={view.evaluation} />
          <ResultBox run={shown} hasModel={view.hasModel} />
        </div>
        {isSearch && runsOfFolder}
      </main>
    </>
  );
}
