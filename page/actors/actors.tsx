import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunView } from '../../src/watch/view/run-view.js';
import type { Timeline } from '../../src/watch/view/timeline.js';
import { useTheme, useWidth } from '../charts/theme.js';
import { count, duration } from '../format.js';
import { ActorsTable } from './actors-table.js';
import { downloadTrace } from './download-trace.js';
import {
  type Chosen,
  drawTimeline,
  labelWidth,
  laneHeight,
  type Span,
  timelineHeight,
} from './draw-timeline.js';

/** While it follows the run, so many iterations are in sight. */
const followed = 4;

/** Where every block was solved, over time. */
export function Actors({ view, version }: { readonly view: RunView; readonly version: number }) {
  const { timeline } = view;
  const box = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = useTheme();
  /** Undefined while it follows the end of the run. */
  const [fixed, setFixed] = useState<Span>();
  const [chosen, setChosen] = useState<Chosen>();
  const [note, setNote] = useState('');
  const drag = useRef<{ readonly x: number; readonly span: Span } | undefined>(undefined);
  const span = fixed ?? followedSpan(timeline);
  const time = (x: number) =>
    span.from + ((x - labelWidth) / (width - labelWidth)) * (span.to - span.from);

  // `version` says that it has grown.
  useEffect(() => {
    if (canvas.current === null || width === 0 || timeline.phases.length === 0) return;
    drawTimeline(canvas.current, timeline, { span, theme, chosen, width });
  }, [timeline, version, fixed, chosen, theme, width]);

  const zoom = (factor: number, around = (span.from + span.to) / 2): void => {
    const longest = Math.max(1e-3, timeline.end * 1.05);
    const length = Math.min(longest, Math.max(1e-5, (span.to - span.from) * factor));
    const share = (around - span.from) / (span.to - span.from);
    const from = around - share * length;
    setFixed({ from, to: from + length });
  };
  const pan = (share: number): void => {
    const by = share * (span.to - span.from);
    setFixed({ from: span.from + by, to: span.to + by });
  };
  const whole = (): void => setFixed({ from: 0, to: Math.max(1e-3, timeline.end) });

  const choose = (event: PointerEvent): void => {
    if (drag.current !== undefined) {
      const by = time(drag.current.x) - time(event.offsetX);
      const { from, to } = drag.current.span;
      setFixed({ from: from + by, to: to + by });
      return;
    }
    const lane = [...timeline.lanes.keys()][Math.floor(event.offsetY / laneHeight) - 1];
    const boxes = lane === undefined ? undefined : timeline.lanes.get(lane);
    const at = time(event.offsetX);
    const found = boxes?.after(at) ?? 0;
    const isOn = boxes !== undefined && found < boxes.count && boxes.start(found) <= at;
    setChosen(isOn ? { lane: lane!, box: found } : undefined);
  };
  const step = (by: number, laneBy: number): void => {
    const lanes = [...timeline.lanes.keys()];
    const index = chosen === undefined ? 0 : lanes.indexOf(chosen.lane);
    const lane = lanes[Math.max(0, Math.min(lanes.length - 1, index + laneBy))];
    if (lane === undefined) return;
    const boxes = timeline.lanes.get(lane)!;
    const near =
      chosen === undefined || laneBy !== 0
        ? boxes.after(chosen === undefined ? span.from : startOf(timeline, chosen))
        : chosen.box + by;
    const next = Math.max(0, Math.min(boxes.count - 1, near));
    setChosen({ lane, box: next });
    const [start, end] = [boxes.start(next), boxes.end(next)];
    if (start >= span.from && end <= span.to) return;
    const half = (span.to - span.from) / 2;
    setFixed({ from: start - half, to: start + half });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const actions: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? pan(-0.25) : step(-1, 0)),
      ArrowRight: () => (event.shiftKey ? pan(0.25) : step(1, 0)),
      ArrowUp: () => step(0, -1),
      ArrowDown: () => step(0, 1),
      '+': () => zoom(0.5),
      '-': () => zoom(2),
      0: whole,
      Escape: () => setChosen(undefined),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const onWheel = (event: WheelEvent): void => {
    // A plain wheel scrolls the page.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, time(event.offsetX));
  };
  const isEmpty = timeline.phases.length === 0;

  return (
    <section aria-labelledby="actors">
      <div class="heading">
        <h2 id="actors">Actors</h2>
        <div class="buttons">
          <button
            type="button"
            aria-pressed={fixed === undefined}
            onClick={() => setFixed(undefined)}
          >
            Follow
          </button>
          <button type="button" onClick={whole}>
            Whole run
          </button>
          <button type="button" aria-label="Zoom in" onClick={() => zoom(0.5)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => zoom(2)}>
            −
          </button>
          <button type="button" aria-label="Earlier" onClick={() => pan(-0.5)}>
            ←
          </button>
          <button type="button" aria-label="Later" onClick={() => pan(0.5)}>
            →
          </button>
          <button
            type="button"
            disabled={isEmpty}
            onClick={() => setNote(downloadTrace(view, fixed ?? { from: 0, to: timeline.end }))}
          >
            Chrome trace
          </button>
        </div>
      </div>
      {!isEmpty && (
        <ul class="legend">
          <li>
            <span class="key user" /> block of users
          </li>
          <li>
            <span class="key item" /> block of items
          </li>
          <li>
            <span class="key again" /> solved again
          </li>
          <li>▲ fault</li>
          <li>● checkpoint</li>
          <li>◆ moved, paused</li>
          <li class="quiet">per cent: busy in sight; Ctrl and wheel or + − zoom, drag moves</li>
        </ul>
      )}
      {isEmpty && <p class="quiet">Blocks come with the first phase.</p>}
      <section
        ref={box}
        class="timeline"
        style={{ height: `${isEmpty ? 0 : timelineHeight(timeline.lanes.size)}px` }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys walk over the boxes.
        tabIndex={0}
        aria-label="Timeline of blocks: arrow keys go from box to box, plus and minus zoom, 0 shows the whole run"
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          style={{ width: `${width}px` }}
          onPointerMove={choose}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { x: event.offsetX, span };
          }}
          onPointerUp={() => {
            drag.current = undefined;
          }}
          onPointerCancel={() => {
            drag.current = undefined;
          }}
          onWheel={onWheel}
        />
      </section>
      <output class="readout">{chosen === undefined ? note : boxText(timeline, chosen)}</output>
      <ActorsTable timeline={timeline} version={version} />
    </section>
  );
}

/** The last iterations, or all while there are fewer. */
function followedSpan({ phases, marks, end }: Timeline): Span {
  const first = phases[Math.max(0, phases.length - 2 * followed)];
  const last = phases.at(-1);
  if (first === undefined || last === undefined) return { from: 0, to: Math.max(1e-3, end) };
  const to = Math.max(last.end, marks.at(-1)?.at ?? 0);
  const length = Math.max(1e-4, to - first.start);
  return { from: first.start - 0.01 * length, to: to + 0.01 * length };
}

function startOf(timeline: Timeline, { lane, box }: Chosen): number {
  return timeline.lanes.get(lane)!.start(box);
}

function boxText(timeline: Timeline, { lane, box }: Chosen): string {
  const found = timeline.details(lane, box);
  const { side, block, iteration, rows, ratings, seconds, attempts } = found;
  return [
    `${side} block ${block} of iteration ${iteration}`,
    ...(rows === undefined ? [] : [`${count(rows)} rows`]),
    ...(ratings === undefined ? [] : [`${count(ratings)} ratings`]),
    duration(seconds),
    lane,
    ...(attempts > 1 ? [`handed out ${attempts} times`] : []),
  ].join(' · ');
}
