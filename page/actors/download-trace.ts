import { chromeTrace } from '../../src/watch/view/chrome-trace.js';
import type { RunView } from '../../src/watch/view/run-view.js';
import type { Span } from './draw-timeline.js';

/** Saves the boxes of a span as a file for Perfetto. Returns what to tell about it. */
export function downloadTrace({ timeline, name }: RunView, span: Span): string {
  const { pieces, isCut } = chromeTrace(timeline, span);
  const url = URL.createObjectURL(new Blob(pieces, { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace(/[^\w.-]+/g, '-')}.trace.json`;
  link.click();
  // The browser reads it some time after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return isCut
    ? 'the trace has the first 400,000 boxes or so; zoom in to choose others'
    : `${link.download} opens in ui.perfetto.dev`;
}
