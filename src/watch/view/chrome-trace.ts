import type { Timeline } from './timeline.js';

/** More boxes than this make a file that no viewer opens. */
const maxBoxes = 400_000;

/**
 * A timeline as a trace in Chrome's format, which Perfetto and chrome://tracing open: a thread for
 * every lane, the first one for phases and marks. Names come first, then events by their start;
 * those of a thread do not overlap. Times are microseconds from the start of the log.
 *
 * Format: "Trace Event Format" of the Chromium project, its JSON object form.
 *
 * @param from start of the span, and `to` its end, seconds
 * @returns pieces of the JSON text, and whether the end of the span was left out
 */
export function chromeTrace(
  timeline: Timeline,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly pieces: string[]; readonly isCut: boolean } {
  const lanes = [...timeline.lanes.entries()];
  const until = endOfFirst(maxBoxes, timeline, from, to);
  const names = ['supervisor', ...lanes.map(([lane]) => lane)].map((name, tid) => ({
    ...{ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name } },
  }));
  const events: TraceEvent[] = [];
  let phaseEnd = 0;
  for (const { iteration, side, start, end } of timeline.phases) {
    if (end < from || start > until) continue;
    // A phase's end is that of its event, which can come a little late.
    const span = { ts: Math.max(phaseEnd, microseconds(start)), end: microseconds(end) };
    phaseEnd = span.end;
    events.push(complete(0, `${side} phase`, 'phase', span, { iteration }));
  }
  for (const { at, kind, text } of timeline.marks) {
    if (at < from || at > until) continue;
    events.push({
      ...{ ph: 'i', name: text, cat: kind, pid: 1, tid: 0, ts: microseconds(at), s: 'p' },
    });
  }
  for (const [index, [lane, boxes]] of lanes.entries()) {
    for (let box = boxes.after(from); box < boxes.count && boxes.start(box) < until; box++) {
      const { side, block, iteration, rows, ratings, attempts } = timeline.details(lane, box);
      const span = { ts: microseconds(boxes.start(box)), end: microseconds(boxes.end(box)) };
      const sizes = { iteration, block, rows, ratings, attempts };
      events.push(complete(index + 1, `${side} block ${block}`, side, span, sizes));
    }
  }
  events.sort((a, b) => a.ts - b.ts);
  const process = { ph: 'M', name: 'process_name', pid: 1, tid: 0, args: { name: 'seesaw' } };
  const texts = [process, ...names, ...events].map((event) => JSON.stringify(event));
  const last = texts.length - 1;
  return {
    pieces: [
      '{"traceEvents":[\n',
      ...texts.map((text, at) => (at === last ? `${text}\n` : `${text},\n`)),
      '],"displayTimeUnit":"ms"}\n',
    ],
    isCut: until < to,
  };
}

/** An event with a time. */
interface TraceEvent {
  /** X has a duration, i is a moment. */
  readonly ph: 'X' | 'i';
  readonly ts: number;
}

/** Ends are rounded, not durations, so that a box does not end after the next one has begun. */
function complete(
  tid: number,
  name: string,
  cat: string,
  { ts, end }: { readonly ts: number; readonly end: number },
  args: object,
): TraceEvent {
  const dur = Math.max(0, end - ts);
  return { ...{ ph: 'X', name, cat, pid: 1, tid, ts, dur, args } };
}

/** The end of the span, or an earlier one by which about so many boxes have ended. */
function endOfFirst(maxCount: number, { lanes }: Timeline, from: number, to: number): number {
  const all = [...lanes.values()];
  const first = all.map((boxes) => boxes.after(from));
  const countTo = (end: number) =>
    all.reduce((sum, boxes, lane) => sum + boxes.after(end) - first[lane]!, 0);
  if (countTo(to) <= maxCount) return to;
  let [low, high] = [from, to];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (countTo(middle) <= maxCount) low = middle;
    else high = middle;
  }
  return low;
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
