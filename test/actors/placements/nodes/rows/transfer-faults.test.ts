import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { ExecutionContext } from 'ava';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { atBroadcast } from '../../../../helpers/fakes/at-broadcast.js';
import { lossesOf, type RunOutcome, runToEnd } from '../../../../helpers/probes/runs.js';
import { isOf, type PassingMessage, tapWire } from '../../../../helpers/probes/wire-tap.js';
import {
  natsServer,
  natsTest,
  restartServer,
  workerHere,
  workerProcess,
} from '../../../../helpers/programs/nats.js';

// A block's rows are more than an answer carries: they are fetched.
const ratings = randomRatings({ users: 2_400, items: 40, density: 0.1 });
const options = { rank: 32, iterations: 4, blocks: 4 };
const undisturbed = runToEnd(ratings, options, inProcess());

natsTest('a node that is killed during a broadcast is left out and reported', async (t) => {
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim');
  await workerHere(t, { servers, name: 'survivor' });
  let isUnderWay = false;
  let killedAt: PassingMessage | undefined;
  await tapWire(t, servers, (message) => {
    if (!isUnderWay || killedAt || !message.subject.includes('.rows')) return;
    killedAt = message;
    victim.kill('SIGKILL');
  });

  const outcome = await runToEnd(
    ratings,
    options,
    atBroadcast(nodes({ servers, workers: 2, lostAfter: 4 }), async (placed, phase) => {
      const isMeant = phase.kind === 'solve' && phase.iteration === 3 && phase.side === 'item';
      // It cannot have got everything when it is killed.
      if (isMeant) isUnderWay = victim.kill('SIGSTOP');
      return placed.broadcast(phase);
    }),
  );

  await isUndisturbed(t, outcome);
  t.truthy(killedAt);
  t.true(lossesOf(outcome).includes('victim: no sign of life for 4 s'));
});

natsTest(
  'a node that is killed while its rows are gathered leaves them to the other',
  async (t) => {
    const { url: servers } = await natsServer(t);
    const victim = await workerProcess(t, servers, 'victim');
    await workerHere(t, { servers, name: 'survivor' });
    let killedAt: PassingMessage | undefined;
    await tapWire(t, servers, (message) => {
      if (killedAt || !isOf('victim', message) || !message.subject.includes('.fetch.')) return;
      killedAt = message;
      victim.kill('SIGKILL');
    });

    const outcome = await runToEnd(ratings, options, nodes({ servers, workers: 2 }));

    await isUndisturbed(t, outcome);
    t.truthy(killedAt);
    t.true(lossesOf(outcome).includes('victim: no sign of life for 1.5 s'));
  },
);

for (const [what, isMeant] of Object.entries({
  'during a broadcast': ({ text }: PassingMessage) => text.includes('"factors"'),
  'while rows are gathered': ({ subject }: PassingMessage) => subject.includes('.fetch.'),
})) {
  natsTest(`a NATS server that dies ${what} and comes back costs time only`, async (t) => {
    const server = await natsServer(t);
    const { url: servers } = server;
    await workerHere(t, { servers, name: 'alpha' });
    await workerHere(t, { servers, name: 'beta' });
    let phases = 0;
    let restarted: Promise<void> | undefined;
    await tapWire(t, servers, (message) => {
      if (phases >= 3 && isMeant(message)) restarted ??= restartServer(t, server);
    });

    const outcome = await runToEnd(ratings, options, nodes({ servers, workers: 2 }), (event) => {
      if (event.type === 'phase') phases++;
    });

    await restarted;
    await isUndisturbed(t, outcome);
    t.true(lossesOf(outcome).includes(`the NATS server at ${serverOf(servers)} cannot be reached`));
  });
}

natsTest('ratings that arrive altered are refused by their digest and sent again', async (t) => {
  const outcome = await runTampered(t, async ({ stream, subject, sequence, tamper }) => {
    const stored = await tamper.streams.getMessage(stream, { seq: sequence });
    const altered = Uint8Array.from(stored!.data, (byte) => byte ^ 1);
    await tamper.streams.deleteMessage(stream, sequence);
    await tamper.jetstream().publish(subject, altered);
  });

  await isUndisturbed(t, outcome);
  t.regex(lossesOf(outcome).join(), /^only: it does not take ratings.*damaged/);
});

natsTest('ratings that arrive truncated are refused and sent again', async (t) => {
  const outcome = await runTampered(t, async ({ stream, subject, sequence, tamper }) => {
    const stored = await tamper.streams.getMessage(stream, { seq: sequence });
    await tamper.streams.deleteMessage(stream, sequence);
    await tamper.jetstream().publish(subject, stored!.data.subarray(0, 100));
  });

  await isUndisturbed(t, outcome);
  t.regex(lossesOf(outcome).join(), /^only: it does not take ratings.*damaged/);
});

async function isUndisturbed(t: ExecutionContext, outcome: RunOutcome): Promise<void> {
  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
}

function serverOf(url: string): string {
  return new URL(url).host;
}

interface StoredChunk {
  readonly stream: string;
  readonly subject: string;
  readonly sequence: number;
  readonly tamper: Awaited<ReturnType<typeof jetstreamManager>>;
}

/** Runs on one node, and changes what lies on the server of its first ratings before it reads them. */
async function runTampered(
  t: ExecutionContext,
  change: (chunk: StoredChunk) => Promise<void>,
): Promise<RunOutcome> {
  const { url: servers } = await natsServer(t);
  const only = await workerProcess(t, servers, 'only');
  const connection = await connect({ servers });
  t.teardown(() => connection.close());
  const tamper = await jetstreamManager(connection);
  let changed: Promise<void> | undefined;
  const changeFirst = async (bucket: string, object: string): Promise<void> => {
    const stream = `OBJ_${bucket}`;
    const { state } = await tamper.streams.info(stream, { subjects_filter: '>' });
    const subject = Object.keys(state.subjects!).find((each) => each.endsWith(`.C.${object}`))!;
    const { seq: sequence } = (await tamper.streams.getMessage(stream, { last_by_subj: subject }))!;
    await change({ stream, subject, sequence, tamper });
    only.kill('SIGCONT');
  };
  await tapWire(t, servers, ({ subject, text }) => {
    const [, bucket, kind] = subject.split('.');
    if (!subject.startsWith('$O.') || kind !== 'M' || changed) return;
    // The supervisor tries what it is allowed.
    if (text === '') return;
    const { name, nuid } = JSON.parse(text);
    if (!name.startsWith('ratings.')) return;
    // Until it is changed, the node cannot read it.
    only.kill('SIGSTOP');
    changed = changeFirst(bucket!, nuid);
  });

  const outcome = await runToEnd(ratings, options, nodes({ servers, lostAfter: 30 }));
  await changed;
  return outcome;
}
