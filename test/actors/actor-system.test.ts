import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { ActorSystem, dispatch, type Ref } from '../../actors/actor-system.js';

test('an actor handles one message at a time, in order', async (t) => {
  const system = new ActorSystem();
  t.teardown(() => system.stop());
  let running = 0;
  const handled = await new Promise<number[]>((resolve) => {
    const actor = system.spawn<number[], number>('counter', {
      initialState: [],
      async receive(seen, message) {
        t.is(++running, 1);
        await nextTurn();
        running--;
        const next = [...seen, message];
        if (next.length === 5) resolve(next);
        return next;
      },
      onFault: (error) => t.fail(String(error)),
    });
    for (let message = 0; message < 5; message++) dispatch(actor, message);
  });

  t.deepEqual(handled, [0, 1, 2, 3, 4]);
});

for (const [kind, fail] of [
  [
    'a throw',
    () => {
      throw new Error('broken');
    },
  ],
  ['a rejection', () => Promise.reject(new Error('broken'))],
] as const) {
  test(`${kind} in a handler is reported, and the actor goes on with its state`, async (t) => {
    const system = new ActorSystem();
    t.teardown(() => system.stop());
    const faults: string[] = [];
    const state = await new Promise<number>((resolve) => {
      const actor = system.spawn<number, 'add' | 'fail' | 'show'>('sum', {
        initialState: 0,
        receive(sum, message) {
          if (message === 'fail') return fail();
          if (message === 'show') resolve(sum);
          return sum + 1;
        },
        onFault: (error) => faults.push((error as Error).message),
      });
      for (const message of ['add', 'fail', 'add', 'show'] as const) dispatch(actor, message);
    });

    t.is(state, 2);
    t.deepEqual(faults, ['broken']);
  });
}

test('after stop no mailbox is read on, and a late throw is no fault', async (t) => {
  const system = new ActorSystem();
  const faults: unknown[] = [];
  let handled = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    const actor: Ref<number> = system.spawn<null, number>('slow', {
      initialState: null,
      async receive() {
        handled++;
        resolve();
        await held;
        throw new Error('too late');
      },
      onFault: (error) => faults.push(error),
    });
    for (let message = 0; message < 3; message++) dispatch(actor, message);
  });

  await begun;
  system.stop();
  system.stop();
  release();
  for (let turn = 0; turn < 10; turn++) await nextTurn();

  t.is(handled, 1);
  t.deepEqual(faults, []);
});

test('two systems have actors of the same names', async (t) => {
  const answers = await Promise.all(
    [1, 2].map(
      (answer) =>
        new Promise<number>((resolve) => {
          const system = new ActorSystem();
          const actor = system.spawn<null, number>('same', {
            initialState: null,
            receive(state, message) {
              resolve(message);
              system.stop();
              return state;
            },
            onFault: () => {},
          });
          dispatch(actor, answer);
        }),
    ),
  );

  t.deepEqual(answers, [1, 2]);
});
