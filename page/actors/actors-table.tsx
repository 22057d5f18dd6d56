import { useState } from 'preact/hooks';
import type { Timeline } from '../../src/watch/view/timeline.js';
import { count, duration } from '../format.js';
import { Scroll } from '../scroll.js';

/** Of longer lists the last ones are shown. */
const maxMarks = 100;

/** The timeline in words: what every place did, and what happened. */
export function ActorsTable({
  timeline,
}: {
  readonly timeline: Timeline;
  /** Says that the timeline has grown. */
  readonly version: number;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const marks = timeline.marks.slice(-maxMarks);
  const faults = timeline.marks.filter(({ kind }) => kind === 'fault').slice(-3);
  return (
    <>
      {faults.length > 0 && (
        <ul class="faults">
          {faults.map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              ▲ {duration(at)}: {text}
            </li>
          ))}
        </ul>
      )}
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Table of places and happenings</summary>
        {isOpen && (
          <Scroll label="Table of places" isShort>
            <table>
              <thead>
                <tr>
                  <th scope="col">where</th>
                  <th scope="col">blocks</th>
                  <th scope="col">busy</th>
                  <th scope="col">longest block</th>
                  <th scope="col">solved again</th>
                </tr>
              </thead>
              <tbody>
                {[...timeline.lanes].map(([lane, boxes]) => (
                  <tr key={lane}>
                    <th scope="row">{lane}</th>
                    <td>{count(boxes.count)}</td>
                    <td>{duration(boxes.busySeconds)}</td>
                    <td>{duration(longestOf(timeline, lane))}</td>
                    <td>{count(timeline.repeatedIn(lane))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {marks.length === 0 ? (
              <p class="quiet">Nothing else has happened.</p>
            ) : (
              <table>
                <caption>what else happened</caption>
                <tbody>
                  {marks.map(({ at, kind, text }) => (
                    <tr key={`${at} ${text}`}>
                      <th scope="row">{duration(at)}</th>
                      <td>{kind}</td>
                      <td class="words">{text}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Scroll>
        )}
      </details>
    </>
  );
}

function longestOf(timeline: Timeline, lane: string): number {
  const boxes = timeline.lanes.get(lane)!;
  let longest = 0;
  for (let box = 0; box < boxes.count; box++) {
    longest = Math.max(longest, boxes.end(box) - boxes.start(box));
  }
  return longest;
}
