import test from 'ava';
import { PlacementError } from '../../src/errors.js';
import { TaskQueue } from '../../src/task-queue.js';

/** A task that ends on request. */
function manualTask() {
  let finish = (_result: string) => {};
  let fail = (_error: Error) => {};
  const slots: number[] = [];
  const promise = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const run = (slot: number) => {
    slots.push(slot);
    return promise;
  };
  return { run, slots, finish: (result: string) => finish(result), fail: (e: Error) => fail(e) };
}

test('tasks start in order as slots become free, and never share a slot', async (t) => {
  const queue = new TaskQueue<string>({ workers: 2 });
  const tasks = [manualTask(), manualTask(), manualTask()];
  const results = tasks.map((task) => queue.add(task.run));

  t.is(tasks[0]!.slots.length + tasks[1]!.slots.length, 2);
  t.not(tasks[0]!.slots[0], tasks[1]!.slots[0]);
  t.deepEqual(tasks[2]!.slots, []);
  tasks[1]!.finish('b');
  t.is(await results[1], 'b');

  t.deepEqual(tasks[2]!.slots, tasks[1]!.slots);
  tasks[0]!.finish('a');
  tasks[2]!.finish('c');
  t.deepEqual(await Promise.all(results), ['a', 'b', 'c']);
});

test('a failed task frees its slot', async (t) => {
  const queue = new TaskQueue<string>({ workers: 1 });
  const [first, second] = [manualTask(), manualTask()];
  const failing = queue.add(first.run);
  const following = queue.add(second.run);

  first.fail(new Error('thread died'));
  await t.throwsAsync(failing, { message: 'thread died' });
  second.finish('done');

  t.is(await following, 'done');
});

test('closing refuses waiting and later tasks, and lets running tasks end', async (t) => {
  const queue = new TaskQueue<string>({ workers: 1 });
  const [running, waiting] = [manualTask(), manualTask()];
  const result = queue.add(running.run);
  const refused = queue.add(waiting.run);

  queue.close();
  await t.throwsAsync(refused, { instanceOf: PlacementError, code: 'ERR_PLACEMENT' });
  await t.throwsAsync(queue.add(waiting.run), { instanceOf: PlacementError });
  running.finish('done');

  t.is(await result, 'done');
  t.deepEqual(waiting.slots, []);
});

test('a busy worker is given its next task early, but not one of the last', async (t) => {
  const queue = new TaskQueue<string>({ workers: 1, depth: 2 });
  const tasks = [manualTask(), manualTask(), manualTask()];
  const started = () => tasks.map(({ slots }) => slots.length);
  const results = tasks.map((task) => queue.add(task.run));

  t.deepEqual(started(), [1, 1, 0]);
  t.not(tasks[0]!.slots[0], tasks[1]!.slots[0]);
  tasks[0]!.finish('a');
  await results[0];

  // The second runs now; the third waits for the place that is free first.
  t.deepEqual(started(), [1, 1, 0]);
  tasks[1]!.finish('b');
  await results[1];
  t.deepEqual(started(), [1, 1, 1]);
  tasks[2]!.finish('c');
  t.deepEqual(await Promise.all(results), ['a', 'b', 'c']);
});

test('an idle worker comes before a busy one', async (t) => {
  const queue = new TaskQueue<string>({ workers: 2, depth: 2 });
  const tasks = Array.from({ length: 7 }, manualTask);
  const results = tasks.map((task) => queue.add(task.run));
  const workers = () => tasks.map(({ slots }) => slots[0] !== undefined && slots[0] % 2);

  t.deepEqual(workers(), [0, 1, 0, 1, false, false, false]);
  tasks[1]!.finish('');
  tasks[3]!.finish('');
  await Promise.all([results[1], results[3]]);

  // Worker 1 got another while more waited than there are workers; it holds that one now, so
  // the last two wait for the place that is idle first.
  t.deepEqual(workers(), [0, 1, 0, 1, 1, false, false]);
  tasks[4]!.finish('');
  await results[4];
  t.deepEqual(workers(), [0, 1, 0, 1, 1, 1, false]);
  for (const task of tasks) task.finish('');
  t.is((await Promise.all(results)).length, 7);
});
