import type { Line, PhaseLine } from '../lines.js';
import { Boxes } from './boxes.js';

/** A phase, by its number. */
export interface TimelinePhase {
  readonly iteration: number;
  readonly side: 'user' | 'item';
  /** Seconds from the start of the log. */
  readonly start: number;
  readonly end: number;
  /** By block; undefined where each was handed out once. */
  readonly attempts: readonly number[] | undefined;
}

/** Something at one moment. */
export interface Mark {
  readonly at: number;
  readonly kind: 'fault' | 'checkpoint' | 'moved' | 'control';
  readonly text: string;
}

/** Where a block was solved, and what it has. */
export interface BoxDetails {
  readonly lane: string;
  readonly block: number;
  readonly side: 'user' | 'item';
  readonly iteration: number;
  readonly start: number;
  readonly seconds: number;
  readonly attempts: number;
  readonly rows: number | undefined;
  readonly ratings: number | undefined;
}

type Sizes = Readonly<Record<'rows' | 'ratings', readonly number[]>>;

/** What ran where and when: a lane for every place, built from the lines of a run. */
export class Timeline {
  /** By name of the place. */
  readonly lanes = new Map<string, Boxes>();
  readonly phases: TimelinePhase[] = [];
  readonly marks: Mark[] = [];
  /** Spans in which the run was paused; the last one may be open. */
  readonly pauses: { readonly from: number; to: number }[] = [];
  readonly #sizes: Partial<Record<'user' | 'item', Sizes>> = {};
  readonly #repeated = new Map<string, number>();
  /** Time of the last line, seconds. */
  end = 0;

  apply(line: Line): void {
    const { at } = line;
    this.end = Math.max(this.end, at);
    switch (line.type) {
      case 'phase':
        this.#addPhase(line, at);
        break;
      case 'fault':
        this.marks.push({ at, kind: 'fault', text: faultText(line) });
        break;
      case 'checkpoint': {
        const text = `checkpoint after iteration ${line.iteration}, written in ${line.seconds.toFixed(2)} s`;
        this.marks.push({ at, kind: 'checkpoint', text });
        break;
      }
      case 'moved':
        this.marks.push({ at, kind: 'moved', text: `moved from ${line.from} to ${line.to}` });
        break;
      case 'control':
        this.marks.push({ at, kind: 'control', text: `asked to ${line.action}` });
        if (line.action === 'pause') this.#pauseAt(at);
        else if (line.action !== 'move') this.#resumeAt(at);
        break;
      case 'closed':
        this.#resumeAt(at);
    }
  }

  details(lane: string, box: number): BoxDetails {
    const boxes = this.lanes.get(lane)!;
    const { side, iteration, attempts } = this.phases[boxes.phase(box)]!;
    const block = boxes.block(box);
    const sizes = this.#sizes[side];
    return {
      ...{ lane, block, side, iteration },
      start: boxes.start(box),
      seconds: boxes.end(box) - boxes.start(box),
      attempts: attempts?.[block] ?? 1,
      rows: sizes?.rows[block],
      ratings: sizes?.ratings[block],
    };
  }

  /** How many blocks of a lane were handed out more than once: a place failed, or was slow. */
  repeatedIn(lane: string): number {
    return this.#repeated.get(lane) ?? 0;
  }

  #addPhase(line: PhaseLine, at: number): void {
    const { iteration, side, seconds, places, blocks } = line;
    const { start, time, place, rows, ratings } = blocks;
    if (rows !== undefined && ratings !== undefined) this.#sizes[side] = { rows, ratings };
    const phaseStart = at - seconds;
    const number = this.phases.length;
    this.phases.push({ iteration, side, start: phaseStart, end: at, attempts: blocks.attempts });
    const order = Array.from(start.keys()).sort((a, b) => start[a]! - start[b]!);
    for (const block of order) {
      const lane = places[place[block]!] ?? 'unknown';
      const boxes = this.lanes.get(lane) ?? new Boxes();
      this.lanes.set(lane, boxes);
      if ((blocks.attempts?.[block] ?? 1) > 1) this.#repeated.set(lane, this.repeatedIn(lane) + 1);
      const from = phaseStart + start[block]! / 1e6;
      // Answers that the event loop took late would overlap the box before.
      const first = boxes.count === 0 ? from : Math.max(from, boxes.end(boxes.count - 1));
      boxes.push(first, Math.max(first, from + time[block]! / 1e6), number, block);
    }
  }

  #pauseAt(at: number): void {
    if (this.pauses.at(-1)?.to === Number.POSITIVE_INFINITY) return;
    this.pauses.push({ from: at, to: Number.POSITIVE_INFINITY });
  }

  #resumeAt(at: number): void {
    const last = this.pauses.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.to = at;
  }
}

function faultText({
  component,
  message,
  action,
  side,
  block,
  node,
}: Line & { type: 'fault' }): string {
  const what = side === undefined ? (node ?? component) : `${side} block ${block}`;
  return `${what}: ${message} (${action.replaceAll('-', ' ')})`;
}
