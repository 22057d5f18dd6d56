import test from 'ava';
import { Admission } from '../../../../../actors/placements/nodes/cluster/admission.js';
import type { Node } from '../../../../../actors/placements/nodes/cluster/node.js';
import { newKeyPair } from '../../../../../actors/placements/nodes/seal/agree-on-key.js';
import type { Bus } from '../../../../../actors/placements/nodes/transport/bus.js';
import type { JobShape } from '../../../../../src/kernels/lay-out-job.js';
import { aHello } from '../../../../helpers/builders/a-node.js';

const key = newKeyPair().publicKey;

/** Lets workers in that answer as is said, on a bus where everything arrives. */
function admit(welcome: (node: Node) => Promise<unknown> = async () => {}) {
  const subscribed: string[] = [];
  const refused: string[] = [];
  const bus = {
    deliver: async () => {},
    subscribe(subject: string) {
      subscribed.push(subject);
      return () => subscribed.splice(subscribed.indexOf(subject), 1);
    },
  } as Partial<Bus> as Bus;
  let number = 0;
  const admission = new Admission(bus, {
    isTooSmall: () => false,
    ...{ job: 'job-1a', shape: {} as JobShape, nextNumber: () => ++number, welcome },
    refused: ({ name }, reason) => refused.push(`${name}: ${reason}`),
    tooSlow: () => {},
    take: () => {},
  });
  return { admission, refused, subscribed };
}

const namesOf = (nodes: readonly Node[]) => nodes.map(({ hello }) => hello.name);

test('who joins and is given what all need has arrived, once', async (t) => {
  const welcomed: string[] = [];
  const { admission } = admit(async ({ hello }) => welcomed.push(hello.name));
  admission.join(aHello('alpha', { key }));

  t.false(admission.isSettled);
  t.deepEqual(namesOf(admission.takeArrived()), []);
  admission.candidate('alpha-1')!.take({ type: 'joined', number: 1 });
  await admission.settled();

  t.deepEqual(welcomed, ['alpha']);
  t.deepEqual(namesOf(admission.takeArrived()), ['alpha']);
  t.deepEqual(namesOf(admission.takeArrived()), []);
  t.deepEqual(namesOf(admission.candidates), []);
});

test('who is joining is not asked again', async (t) => {
  const { admission } = admit();
  admission.join(aHello('alpha', { key }));
  admission.join(aHello('alpha', { key }));

  admission.candidate('alpha-1')!.take({ type: 'joined', number: 1 });
  await admission.settled();

  t.deepEqual(namesOf(admission.takeArrived()), ['alpha']);
});

test('a worker that refuses or has no key is reported with the reason', async (t) => {
  const { admission, refused } = admit();
  admission.join(aHello('alpha', { key }));
  admission.join(aHello('beta', { key: 'none' }));

  const alpha = admission.candidate('alpha-1')!;
  alpha.take({ type: 'refused', number: 1, reason: 'it has another job' });
  await admission.settled();

  t.deepEqual(refused, ['beta: its public key is invalid', 'alpha: it has another job']);
  t.true(alpha.isLost);
  t.deepEqual(namesOf(admission.takeArrived()), []);
});

test('who is lost before it has what all need has not arrived', async (t) => {
  const { admission } = admit(async (node) => node.lose('its connection has closed'));
  admission.join(aHello('alpha', { key }));

  admission.candidate('alpha-1')!.take({ type: 'joined', number: 1 });
  await admission.settled();

  t.deepEqual(namesOf(admission.takeArrived()), []);
  t.deepEqual(namesOf(admission.candidates), []);
});

test('who joins again is heard by one subscription, which closing ends', async (t) => {
  const { admission, subscribed } = admit();
  for (const number of [1, 2]) {
    admission.join(aHello('alpha', { key }));
    admission.candidate('alpha-1')!.take({ type: 'joined', number });
    await admission.settled();
    admission.takeArrived();
  }

  t.deepEqual(subscribed, ['seesaw.job-1a.from.alpha.1']);
  admission.close();
  t.deepEqual(subscribed, []);
});
