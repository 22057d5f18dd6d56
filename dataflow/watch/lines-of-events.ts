import type { PhaseReport } from '../../actors/run-event.js';
import type { LineOrMaker, WithoutTime } from '../../src/watch/event-log.js';
import type { Line, PhaseLine, SearchLine, TrialOptions } from '../../src/watch/lines.js';
import type { EvaluationEvent } from '../evaluate.js';
import type { SavedEvent } from '../save-model.js';
import type { SearchEvent } from '../search/search-event.js';
import type { TrainingEvent } from '../training/training-event.js';

/** Events that leave a line; streams may have others, which leave none. */
export type WatchedEvent =
  | TrainingEvent
  | EvaluationEvent
  | SavedEvent
  | SearchEvent<object, TrainingEvent | EvaluationEvent>;

type Each = WithoutTime<Line>;

/**
 * Makes lines of the events of one stream. That of a phase is made when it is read: a little work
 * between every two phases costs more than all of it at once.
 */
export function linesOfEvents(): (event: { readonly type: string }) => LineOrMaker | undefined {
  /** Sides whose blocks' sizes were sent. */
  const sent = new Set<string>();

  return (unknown) => {
    // Events with other names fall through to the end.
    const event = unknown as WatchedEvent;
    switch (event.type) {
      case 'started':
        sent.clear();
        return asLine(event);
      case 'phase': {
        const isFirst = !sent.has(event.side);
        sent.add(event.side);
        return () => phaseLine(event, isFirst);
      }
      case 'finished':
        return 'iterations' in event
          ? { type: 'finished', iterations: event.iterations, seconds: event.seconds }
          : { type: 'finished' };
      case 'iteration':
      case 'moved':
      case 'checkpoint':
      case 'fault':
      case 'evaluation':
      case 'saved':
      case 'search-started':
        return asLine(event);
      case 'trial-started':
      case 'trial':
      case 'trial-finished':
      case 'trial-failed':
        return searchLine(event);
      default:
        return event satisfies never;
    }
  };
}

/** An event as it is: what of it is not plain data is left out when it becomes text. */
function asLine(event: object): Each {
  return event as Each;
}

function searchLine(
  event: Extract<WatchedEvent, { readonly type: `trial${string}` }>,
): SearchLine | undefined {
  const { type, trial } = event;
  const options = plainOptions(event.options);
  switch (type) {
    case 'trial-started':
      return { type, trial, options };
    case 'trial': {
      const { fold, event: inner } = event;
      if (inner.type !== 'started' && inner.type !== 'iteration') return undefined;
      return { type, trial, fold, event: inner } as unknown as SearchLine;
    }
    case 'trial-finished': {
      const { score, figures, seconds } = event;
      return { type, trial, options, score, figures, seconds };
    }
    case 'trial-failed': {
      const { error } = event;
      const message = error instanceof Error ? error.message : String(error);
      return { type, trial, options, message };
    }
    default:
      return type satisfies never;
  }
}

function plainOptions(options: object): TrialOptions {
  const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isPlain(value)));
}

/** Loops rather than maps: a fast training has many. */
function phaseLine({ blocks, ...phase }: PhaseReport, withSizes: boolean): PhaseLine {
  const places: string[] = [];
  const count = blocks.length;
  const [start, time, place] = [
    new Array<number>(count),
    new Array<number>(count),
    new Array<number>(count),
  ];
  let isRepeated = false;
  for (let block = 0; block < count; block++) {
    const { startSeconds, seconds, ranOn, attempts } = blocks[block]!;
    start[block] = Math.round(startSeconds * 1e6);
    time[block] = Math.round(seconds * 1e6);
    const known = places.indexOf(ranOn);
    place[block] = known === -1 ? places.push(ranOn) - 1 : known;
    if (attempts > 1) isRepeated = true;
  }
  return {
    ...phase,
    places,
    blocks: {
      ...{ start, time, place },
      ...(isRepeated && { attempts: blocks.map(({ attempts }) => attempts) }),
      ...(withSizes && {
        rows: blocks.map(({ rows }) => rows),
        ratings: blocks.map(({ ratings }) => ratings),
      }),
    },
  };
}
