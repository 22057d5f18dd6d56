import type { StartedEvent } from '../../dataflow/training/training-event.js';
import { faultText } from './fault-text.js';
import { asBytes, asCompact, asFigure, asLoss, asSeconds, counted } from './figures.js';
import { liveProgress } from './live-progress.js';
import type { Progress } from './progress-view.js';
import { qualityOf } from './training-view.js';

/** A live display on a terminal, else a plain line for every event, else nothing. */
export function progressOn(stream: NodeJS.WriteStream, isQuiet: boolean): Progress {
  if (isQuiet) return silent;
  return stream.isTTY && process.env.TERM !== 'dumb' ? liveProgress(stream) : plainLines(stream);
}

const silent: Progress = { begin() {}, training() {}, evaluating() {}, pause() {} };

function plainLines(stream: NodeJS.WriteStream): Progress {
  const seconds = { user: 0, item: 0 };
  const print = (line: string) => stream.write(`${line}\n`);
  let started: StartedEvent | undefined;
  return {
    begin: print,
    training(event) {
      switch (event.type) {
        case 'started':
          print('');
          started = event;
          break;
        case 'phase':
          seconds[event.side] = event.seconds;
          break;
        case 'fault':
          print(faultText(event));
          break;
        case 'checkpoint':
          print(`checkpoint ${event.iteration} written, ${asSeconds(event.seconds)}`);
          break;
        case 'iteration': {
          const { iterations, ratings, feedback } = started!;
          print(
            [
              `iteration ${event.iteration}/${iterations}`,
              ...qualityOf({ ...event, feedback }).map(
                ({ label, value }) => `${label} ${asFigure(value)}`,
              ),
              `loss ${asLoss(event.loss.total)}`,
              `users ${asSeconds(seconds.user)}`,
              `items ${asSeconds(seconds.item)}`,
              `${asCompact(ratings / event.seconds)} ratings/s`,
              ...(event.broadcastBytes > 0 ? [`sent ${asBytes(event.broadcastBytes)}`] : []),
            ].join('  '),
          );
        }
      }
    },
    evaluating(done, total) {
      if (done === total) print(`evaluated ${counted(total / 2, 'user')}`);
    },
    pause() {},
  };
}
