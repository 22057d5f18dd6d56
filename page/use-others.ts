import { useState } from 'preact/hooks';
import { RunView } from '../src/watch/view/run-view.js';
import { parse } from './connection.js';

/** Runs that are laid over the shown one. */
export interface Others {
  readonly chosen: ReadonlyMap<string, RunView>;
  toggle(run: string): void;
}

/** Keeps the curves of other runs, which are read once. */
export function useOthers(): Others {
  const [chosen, setChosen] = useState<ReadonlyMap<string, RunView>>(new Map());
  return {
    chosen,
    toggle(run) {
      if (chosen.has(run)) {
        setChosen(new Map([...chosen].filter(([id]) => id !== run)));
        return;
      }
      void readCurves(run).then((view) => setChosen((before) => new Map([...before, [run, view]])));
    },
  };
}

async function readCurves(run: string): Promise<RunView> {
  const response = await fetch(`/api/curves?${new URLSearchParams({ run })}`);
  const view = new RunView();
  if (!response.ok) return view;
  const lines = (await response.text()).split('\n').flatMap(parse);
  for (const line of lines) view.apply(line);
  return view;
}
