import type { Timeline } from './timeline.js';

/** More boxes than this make a file that no viewer opens. */
const maxBoxes = 400_000;

/**
 * A timeline as a trace in Chrome's format, which Perfetto and chrome://tracing open: a thread for
 * every lane, the first one for phases and marks. Times are microseconds from the start of the log.
 *
 * @param from start of the span, and `to` its end, seconds
 * @returns pieces of the JSON text, and whether boxes were left out at the end
 */
export function chromeTrace(
  timeline: Timeline,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly pieces: string[]; readonly isCut: boolean } {
  const pieces: string[] = [];
  const add = (event: object) => pieces.push(`${JSON.stringify({ pid: 1, ...event })}`);
  const name = (tid: number, text: string) =>
    add({ ph: 'M', name: 'thread_name', tid, args: { name: text } });
  add({ ph: 'M', name: 'process_name', tid: 0, args: { name: 'seesaw' } });
  name(0, 'supervisor');
  for (const { iteration, side, start, end } of timeline.phases) {
    if (end < from || start > to) continue;
    add({
      ...{ ph: 'X', tid: 0, cat: 'phase', name: `${side} phase` },
      ...{ ts: microseconds(start), dur: microseconds(end - start), args: { iteration } },
    });
  }
  for (const { at, kind, text } of timeline.marks) {
    if (at < from || at > to) continue;
    add({ ph: 'i', s: 'p', tid: 0, cat: kind, name: text, ts: microseconds(at) });
  }
  let boxCount = 0;
  for (const [index, [lane, boxes]] of [...timeline.lanes].entries()) {
    name(index + 1, lane);
    for (let box = boxes.after(from); box < boxes.count && boxes.start(box) < to; box++) {
      if (++boxCount > maxBoxes) break;
      const { side, block, iteration, rows, ratings, attempts, start, seconds } = timeline.details(
        lane,
        box,
      );
      add({
        ...{ ph: 'X', tid: index + 1, cat: side, name: `${side} block ${block}` },
        ...{ ts: microseconds(start), dur: microseconds(seconds) },
        args: { iteration, block, rows, ratings, attempts },
      });
    }
  }
  const last = pieces.length - 1;
  return {
    pieces: [
      '{"traceEvents":[\n',
      ...pieces.map((piece, at) => (at === last ? `${piece}\n` : `${piece},\n`)),
      '],"displayTimeUnit":"ms"}\n',
    ],
    isCut: boxCount > maxBoxes,
  };
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
