import type { PhaseReport } from '../../actors/run-event.js';
import type { StartedEvent } from '../../dataflow/training/training-event.js';
import { faultText } from './fault-text.js';
import { liveLog } from './live-log.js';
import { paintFor } from './paint.js';
import type { Progress } from './progress-view.js';
import { progressBar, type TrainingState, trainingView } from './training-view.js';
import { wrapText } from './wrap-text.js';

const maxColumns = 76;

/** Progress that redraws in place. */
export function liveProgress(stream: NodeJS.WriteStream): Progress {
  const log = liveLog(stream);
  const paint = paintFor(stream);
  const columns = () => Math.min(maxColumns, (stream.columns || 80) - 1);
  let state: TrainingState | undefined;

  return {
    begin: (what) => log.draw(paint('dim', `${what} …`)),
    training(event) {
      if (event.type === 'fault') {
        const text = wrapText(faultText(event), { columns: (stream.columns || 80) - 1, indent: 2 });
        for (const line of text.split('\n')) log.persist(paint('yellow', line));
      } else state = next(state, event);
      if (state !== undefined) log.draw(`\n${trainingView(state, columns(), paint)}`);
    },
    evaluating(done, total) {
      if (state !== undefined) log.done();
      state = undefined;
      log.draw(
        `${paint('dim', 'measuring   ')}${progressBar(done / total, columns() - 12, paint)}`,
      );
      if (done === total) log.clear();
    },
    pause() {
      if (state === undefined) log.clear();
      log.done();
      state = undefined;
    },
  };
}

type Shown = Exclude<Parameters<Progress['training']>[0], { type: 'fault' }>;

function next(state: TrainingState | undefined, event: Shown): TrainingState | undefined {
  if (event.type === 'started') {
    return {
      started: event,
      phasesDone: 2 * (event.resumed?.iteration ?? 0),
      phaseSeconds: { user: 0, item: 0 },
      trainingSeconds: 0,
      nodes: 0,
      before: undefined,
      latest: undefined,
    };
  }
  if (state === undefined) return undefined;
  if (event.type === 'iteration') return { ...state, before: state.latest, latest: event };
  if (event.type !== 'phase') return state;
  return {
    ...state,
    phasesDone: state.phasesDone + 1,
    phaseSeconds: { ...state.phaseSeconds, [event.side]: event.seconds },
    trainingSeconds: state.trainingSeconds + event.seconds,
    nodes: nodesOf(state.started, event),
  };
}

/** How many nodes solved blocks of a phase. */
function nodesOf({ placement }: StartedEvent, { blocks }: PhaseReport): number {
  if (!placement.startsWith('nodes')) return 0;
  return new Set(blocks.map(({ ranOn }) => ranOn.split(',')[0])).size;
}
