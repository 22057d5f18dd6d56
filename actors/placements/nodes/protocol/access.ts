import type { Access } from '../transport/bus.js';
import { subjects } from './messages.js';

/** A job that does not exist, to try permissions with. */
const noJob = 'probe-0';
const noStream = `OBJ_seesaw-${noJob}`;
const noObject = `$O.seesaw-${noJob}.M.probe`;

/** What a worker needs, as docs/nodes.md lists it. */
export function workerAccess(worker: string, inbox: string): Access {
  return {
    publish: [
      subjects.hello(worker),
      subjects.answer(noJob, worker),
      subjects.rowsForAll(noJob),
      '$JS.API.INFO',
      `$JS.API.STREAM.INFO.${noStream}`,
      `$JS.API.STREAM.MSG.GET.${noStream}`,
      `$JS.API.CONSUMER.CREATE.${noStream}.probe.${noObject}`,
      `$JS.API.CONSUMER.DELETE.${noStream}.probe`,
    ],
    subscribe: [
      subjects.join(worker),
      subjects.command(noJob, worker),
      subjects.fetch(noJob, worker),
      subjects.rows(noJob, worker),
      subjects.rowsForAll(noJob),
      subjects.alive(noJob),
      `${inbox}.probe`,
    ],
  };
}

/** What a supervisor needs, as docs/nodes.md lists it. */
export function supervisorAccess(inbox: string): Access {
  const worker = 'probe-0';
  return {
    publish: [
      subjects.join(worker),
      subjects.command(noJob, worker),
      subjects.fetch(noJob, worker),
      subjects.rows(noJob, worker),
      subjects.rowsForAll(noJob),
      subjects.alive(noJob),
      noObject,
      noObject.replace('.M.', '.C.'),
      '$JS.API.INFO',
      `$JS.API.STREAM.CREATE.${noStream}`,
      `$JS.API.STREAM.INFO.${noStream}`,
      `$JS.API.STREAM.PURGE.${noStream}`,
      `$JS.API.STREAM.DELETE.${noStream}`,
      `$JS.API.STREAM.MSG.GET.${noStream}`,
    ],
    subscribe: [
      subjects.hellos,
      subjects.answer(noJob, worker),
      subjects.rowsForAll(noJob),
      `${inbox}.probe`,
    ],
  };
}
