import type { Timeline } from '../../src/watch/view/timeline.js';
import type { Theme } from '../charts/theme.js';

/** A span of time, seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Sizes in CSS pixels. */
export const labelWidth = 118;
export const laneHeight = 26;
const boxHeight = 18;
const axisHeight = 22;
/** A lane with more boxes in sight is drawn by columns of pixels. */
const maxBoxes = 6000;

/** Height of the canvas for so many lanes and that of the supervisor. */
export function timelineHeight(laneCount: number): number {
  return (laneCount + 1) * laneHeight + axisHeight;
}

/** A box that the pointer or the keys have chosen. */
export interface Chosen {
  readonly lane: string;
  readonly box: number;
}

/** Draws what is in the span: phases and marks on the first lane, boxes on those of places. */
export function drawTimeline(
  canvas: HTMLCanvasElement,
  timeline: Timeline,
  {
    span,
    theme,
    chosen,
    width,
  }: {
    readonly span: Span;
    readonly theme: Theme;
    readonly chosen: Chosen | undefined;
    readonly width: number;
  },
): void {
  const height = timelineHeight(timeline.lanes.size);
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const x = (time: number) =>
    labelWidth + ((time - span.from) / (span.to - span.from)) * (width - labelWidth);

  drawAxis(context, { span, theme, x, width, height });
  context.save();
  context.beginPath();
  context.rect(labelWidth, 0, width - labelWidth, height);
  context.clip();
  drawSupervisor(context, timeline, { span, theme, x });
  for (const [at, lane] of [...timeline.lanes.keys()].entries()) {
    drawLane(context, timeline, { lane, y: laneTop(at + 1), span, theme, x, chosen });
  }
  for (const { at, kind } of timeline.marks) {
    if (at < span.from || at > span.to) continue;
    context.fillStyle = kind === 'fault' ? theme.fault : theme.good;
    context.globalAlpha = kind === 'fault' ? 0.9 : 0.5;
    context.fillRect(x(at) - 0.5, 0, kind === 'fault' ? 2 : 1, height - axisHeight);
    context.globalAlpha = 1;
    drawSign(context, x(at), laneHeight / 2, kind);
  }
  context.restore();
  drawLabels(context, timeline, { theme, span });
}

function laneTop(lane: number): number {
  return lane * laneHeight;
}

interface Drawing {
  readonly span: Span;
  readonly theme: Theme;
  readonly x: (time: number) => number;
}

function drawSupervisor(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  { span, theme, x }: Drawing,
): void {
  const y = (laneHeight - boxHeight) / 2;
  for (const { from, to } of timeline.pauses) {
    if (to < span.from || from > span.to) continue;
    context.fillStyle = theme.busy;
    context.fillRect(x(from), 0, x(Math.min(to, span.to)) - x(from), laneHeight);
  }
  let last = Number.NEGATIVE_INFINITY;
  for (const { side, start, end } of timeline.phases) {
    // Phases that end in the same pixel look like one.
    if (end < span.from || start > span.to || x(end) - last < 0.5) continue;
    last = x(end);
    context.strokeStyle = side === 'user' ? theme.user : theme.item;
    context.lineWidth = 1.5;
    context.strokeRect(x(start) + 1, y + 1, Math.max(0.5, x(end) - x(start) - 2), boxHeight - 2);
  }
}

function drawLane(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  {
    lane,
    y,
    span,
    theme,
    x,
    chosen,
  }: Drawing & { readonly lane: string; readonly y: number; readonly chosen: Chosen | undefined },
): void {
  const boxes = timeline.lanes.get(lane)!;
  const top = y + (laneHeight - boxHeight) / 2;
  const first = boxes.after(span.from);
  const isDense = boxes.after(span.to) - first > maxBoxes;
  const step = (span.to - span.from) / (x(span.to) - x(span.from));
  for (let box = first; box < boxes.count && boxes.start(box) < span.to; ) {
    const phase = timeline.phases[boxes.phase(box)]!;
    const [left, right] = [x(boxes.start(box)), x(boxes.end(box))];
    const isAgain = (phase.attempts?.[boxes.block(box)] ?? 1) > 1;
    context.fillStyle = phase.side === 'user' ? theme.user : theme.item;
    // A line of the surface between neighbours that are wide enough for it.
    const gap = right - left > 3 ? 1 : 0;
    context.fillRect(left, top, Math.max(0.5, right - left - gap), boxHeight);
    if (isAgain) {
      context.fillStyle = theme.fault;
      context.fillRect(left, top + boxHeight - 4, Math.max(2, right - left - gap), 4);
    }
    if (chosen?.lane === lane && chosen.box === box) {
      context.strokeStyle = theme.text;
      context.lineWidth = 2;
      context.strokeRect(left, top, Math.max(2, right - left - gap), boxHeight);
    }
    // One box for every column of pixels is enough to see a dense lane.
    box = isDense ? Math.max(box + 1, boxes.after(boxes.start(box) + step)) : box + 1;
  }
}

function drawSign(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  kind: Timeline['marks'][number]['kind'],
): void {
  context.beginPath();
  if (kind === 'fault') {
    context.moveTo(x, y - 7);
    context.lineTo(x + 7, y + 6);
    context.lineTo(x - 7, y + 6);
  } else if (kind === 'checkpoint') {
    context.arc(x, y, 5, 0, 2 * Math.PI);
  } else {
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 6, y);
  }
  context.fill();
}

function drawLabels(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  { theme, span }: { readonly theme: Theme; readonly span: Span },
): void {
  context.fillStyle = theme.text;
  context.fillText('supervisor', 0, laneHeight / 2);
  const length = Math.min(span.to, timeline.end) - Math.max(span.from, 0);
  for (const [at, [lane, boxes]] of [...timeline.lanes].entries()) {
    const y = laneTop(at + 1) + laneHeight / 2;
    context.fillStyle = theme.text;
    context.fillText(shortened(lane), 0, y, labelWidth - 42);
    if (length <= 0 || boxes.count > 200_000) continue;
    context.fillStyle = theme.quiet;
    const share = Math.round((100 * boxes.busyIn(span.from, span.to)) / length);
    context.fillText(`${share} %`, labelWidth - 38, y);
  }
}

function shortened(lane: string): string {
  return lane.length > 14 ? `${lane.slice(0, 5)}…${lane.slice(-8)}` : lane;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { span, theme, x, width, height }: Drawing & { readonly width: number; readonly height: number },
): void {
  const rough = ((span.to - span.from) * 90) / Math.max(90, width - labelWidth);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  context.lineWidth = 1;
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) {
    context.strokeStyle = theme.grid;
    context.beginPath();
    context.moveTo(Math.round(x(at)) + 0.5, 0);
    context.lineTo(Math.round(x(at)) + 0.5, height - axisHeight + 4);
    context.stroke();
    context.fillStyle = theme.quiet;
    const text = `${at.toFixed(Math.min(6, digits))} s`;
    if (x(at) + context.measureText(text).width < width) {
      context.fillText(text, x(at) + 2, height - axisHeight / 2 + 2);
    }
  }
}
