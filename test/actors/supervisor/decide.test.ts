import test from 'ava';
import fc from 'fast-check';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { SupervisorCommand } from '../../../actors/protocol.js';
import type { PhaseReport } from '../../../actors/run-event.js';
import {
  decide,
  type Effect,
  type Reduced,
  type RunPlan,
} from '../../../actors/supervisor/decide.js';
import { initialState, type SupervisorState } from '../../../actors/supervisor/supervisor-state.js';
import { PlacementError } from '../../../src/errors.js';
import { noSums } from '../../../src/kernels/error-sums.js';
import type { IterationMetrics } from '../../../src/training/iteration-metrics.js';
import { firstPhase, type PhaseId } from '../../../src/training/phases.js';

const plan: RunPlan = {
  phaseOrder: ['user', 'item'],
  balance: false,
  start: 'random',
  iterations: 2,
  blocks: { user: 2, item: 3 },
  checkpointEvery: undefined,
};

const errors = { rmse: 1, mae: 1, preferenceRmse: 1 };
const loss = { observed: 1, unobserved: 0, regularization: 0, total: 1 };
const result = { sums: noSums, seconds: 0.5, ranOn: 'event loop' };

/** A supervisor whose effects are kept instead of done; phases are reduced at once, as the actor does. */
class Driver {
  state: SupervisorState;
  readonly plan: RunPlan;
  readonly effects: Effect[] = [];

  constructor(plan: RunPlan) {
    this.plan = plan;
    this.state = initialState(firstPhase(plan, 0), []);
  }

  send(command: SupervisorCommand | Reduced): readonly Effect[] {
    const { state, effects } = decide(this.plan, this.state, command);
    this.state = state;
    this.effects.push(...effects);
    return effects.flatMap((effect) =>
      effect.type === 'reduce'
        ? [effect, ...this.send(reduced(this.plan, effect.phase))]
        : [effect],
    );
  }

  /** Answers for every block of the open phase. */
  solveAll(): readonly Effect[] {
    const { id, results } = this.state.open!;
    return results.flatMap((_, block) => [
      ...this.send({ type: 'solved', phase: id, block, result, endMs: 0 }),
    ]);
  }
}

function reduced({ phaseOrder }: RunPlan, phase: PhaseId): Reduced {
  const { iteration, side } = phase;
  const closes = phase.kind === 'solve' && side === phaseOrder[1];
  const metrics: IterationMetrics | undefined = closes ? { iteration, ...errors, loss } : undefined;
  const report: PhaseReport = {
    type: 'phase',
    iteration,
    side,
    seconds: 2,
    broadcastBytes: 10,
    fullBroadcastBytes: 20,
    uploadedBytes: 0,
    readBackBytes: 0,
    lateAnswers: 1,
    blocks: [],
  };
  return { type: 'reduced', phase, report, metrics };
}

function typesOf(effects: readonly Effect[]): string[] {
  return effects.map((effect) => (effect.type === 'emit' ? effect.event.type : effect.type));
}

test('phases follow one another, each when the one before is reduced', (t) => {
  const driver = new Driver(plan);
  const steps: string[][] = [];
  const opened: PhaseId[] = [];

  for (let at = 0; at < 5; at++) {
    const begun = driver.send({ type: 'proceed' });
    opened.push(...begun.flatMap((effect) => (effect.type === 'open-phase' ? effect.phase : [])));
    steps.push([...typesOf(begun), ...typesOf(driver.solveAll())]);
  }
  steps.push(typesOf(driver.send({ type: 'proceed' })));

  t.deepEqual(opened, [
    { kind: 'gram', iteration: 0, side: 'item' },
    { kind: 'solve', iteration: 1, side: 'user' },
    { kind: 'solve', iteration: 1, side: 'item' },
    { kind: 'solve', iteration: 2, side: 'user' },
    { kind: 'solve', iteration: 2, side: 'item' },
  ]);
  t.deepEqual(steps, [
    ['open-phase', 'reduce', 'proceed-later'],
    ['open-phase', 'reduce', 'phase', 'proceed-later'],
    ['open-phase', 'reduce', 'phase', 'iteration', 'proceed-later'],
    ['open-phase', 'reduce', 'phase', 'proceed-later'],
    ['open-phase', 'reduce', 'phase', 'iteration', 'proceed-later'],
    ['trained', 'complete'],
  ]);
  t.is(driver.state.stage, 'over');
  t.is(driver.state.history.length, 2);
});

test('an iteration sums what its phases took, the first one that of its Gram matrix too', (t) => {
  const driver = new Driver(plan);
  for (let at = 0; at < 5; at++) {
    driver.send({ type: 'proceed' });
    driver.solveAll();
  }

  const iterations = driver.effects.flatMap((effect) =>
    effect.type === 'emit' && effect.event.type === 'iteration' ? effect.event : [],
  );
  t.deepEqual(
    iterations.map(({ seconds, broadcastBytes }) => [seconds, broadcastBytes]),
    [
      [6, 30],
      [4, 20],
    ],
  );
});

test('results are reduced in block order, whatever order they come in', (t) => {
  const driver = new Driver(plan);
  driver.send({ type: 'proceed' });
  const { id } = driver.state.open!;
  const of = (ranOn: string) => ({ ...result, ranOn });

  driver.send({ type: 'solved', phase: id, block: 2, result: of('c'), endMs: 0 });
  driver.send({ type: 'solved', phase: id, block: 0, result: of('a'), endMs: 0 });
  const [reduce] = driver.send({ type: 'solved', phase: id, block: 1, result: of('b'), endMs: 0 });

  t.is(reduce?.type, 'reduce');
  if (reduce?.type !== 'reduce') return;
  t.deepEqual(
    reduce.results.map(({ ranOn }) => ranOn),
    ['a', 'b', 'c'],
  );
});

test('a reply of a past phase is dropped, and counted in the report of the next', (t) => {
  const driver = new Driver(plan);
  driver.send({ type: 'proceed' });
  const past = driver.state.open!.id;
  driver.solveAll();
  driver.send({ type: 'solved', phase: past, block: 0, result, endMs: 0 });
  driver.send({ type: 'proceed' });

  const report = driver
    .solveAll()
    .find((effect) => effect.type === 'emit' && effect.event.type === 'phase');

  // One that the supervisor dropped, one a reduction that the executor did.
  t.like(report, { event: { lateAnswers: 3 } });
});

test('a block that fails is given again; the last time ends the run', (t) => {
  const driver = new Driver(plan);
  driver.send({ type: 'proceed' });
  const phase = driver.state.open!.id;
  const fail = () =>
    driver.send({ type: 'failed', phase, block: 1, error: new Error('thread died') });

  t.deepEqual(typesOf(fail()), ['fault', 'solve-again']);
  t.deepEqual(typesOf(fail()), ['fault', 'solve-again']);
  const last = fail();

  t.deepEqual(typesOf(last), ['fault', 'fail']);
  t.like(last[1], { error: { name: 'BlockFailedError', block: 1, attempts: 3 } });
  t.deepEqual(driver.send({ type: 'proceed' }), []);
});

test('a placement that is lost ends the run at once', (t) => {
  const driver = new Driver(plan);
  driver.send({ type: 'proceed' });
  const phase = driver.state.open!.id;

  const effects = driver.send({
    ...{ type: 'failed', phase, block: 0 },
    error: new PlacementError('found no worker'),
  });

  t.deepEqual(typesOf(effects), ['fault', 'fail']);
});

test('a move waits for the end of the phase, and the next phase for the move', (t) => {
  const driver = new Driver(plan);
  driver.send({ type: 'proceed' });
  t.deepEqual(driver.send({ type: 'go-to', placement: inProcess() }), []);
  driver.solveAll();

  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['move']);
  t.deepEqual(driver.send({ type: 'resume' }), []);
  const moved = driver.send({ type: 'moved', from: 'threads(1)', to: 'in-process' });

  t.deepEqual(typesOf(moved), ['moved', 'proceed-later']);
  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['open-phase']);
});

test('the next iteration goes on while a checkpoint is written; the next checkpoint waits', (t) => {
  const driver = new Driver({ ...plan, iterations: 3, checkpointEvery: 1 });
  const phases = (count: number) => {
    for (let at = 0; at < count; at++) {
      driver.send({ type: 'proceed' });
      driver.solveAll();
    }
  };
  phases(3);
  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['write', 'open-phase']);
  driver.solveAll();
  phases(1);

  t.deepEqual(driver.send({ type: 'proceed' }), []);
  const written = driver.send({
    ...{ type: 'written', iteration: 1, path: 'there', bytes: 1, seconds: 1 },
  });
  t.deepEqual(typesOf(written), ['checkpoint', 'proceed-later']);
  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['write', 'open-phase']);
});

test('while rows are written from where they lie, none of them is written over', (t) => {
  const settings = { ...plan, iterations: 4, checkpointEvery: 2 };
  const driver = new Driver({ ...settings, areRowsLent: true });
  const phases = (count: number) => {
    for (let at = 0; at < count; at++) {
      driver.send({ type: 'proceed' });
      driver.solveAll();
    }
  };
  phases(5);
  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['write', 'open-phase']);
  driver.solveAll();
  phases(1);

  t.deepEqual(driver.send({ type: 'proceed' }), []);
  driver.send({ ...{ type: 'written', iteration: 2, path: 'there', bytes: 1, seconds: 1 } });
  t.deepEqual(typesOf(driver.send({ type: 'proceed' })), ['open-phase']);
  t.is(driver.state.open?.id.iteration, 4);
});

test('whatever comes when, phases are opened in order, one at a time, none while the job moves', (t) => {
  const action = fc.constantFrom(
    'solve',
    'late',
    'fail',
    'pause',
    'resume',
    'move',
    'moved',
    'written',
  );
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 60 }),
      fc.constantFrom(undefined, 1, 2),
      (actions, every) => {
        const driver = new Driver({ ...plan, iterations: 3, checkpointEvery: every });
        const opened: PhaseId[] = [];
        let isMoving = false;
        let writing: number | undefined;
        let toProceed = 0;
        let isComplete = false;
        const take = (effects: readonly Effect[]): void => {
          for (const effect of effects) {
            t.false(isComplete);
            if (effect.type === 'open-phase') {
              t.false(isMoving);
              opened.push(effect.phase);
            } else if (effect.type === 'move') {
              isMoving = true;
            } else if (effect.type === 'write') {
              t.is(writing, undefined);
              writing = effect.history.length;
            } else if (effect.type === 'proceed-later') {
              toProceed++;
            } else if (effect.type === 'complete') {
              t.is(writing, undefined);
              isComplete = true;
            }
          }
        };
        const proceed = (): void => {
          for (; toProceed > 0; toProceed--) take(driver.send({ type: 'proceed' }));
        };
        const act = (name: string): void => {
          const { open } = driver.state;
          if (name === 'solve' && open !== undefined) {
            const block = open.results.indexOf(undefined);
            take(driver.send({ type: 'solved', phase: open.id, block, result, endMs: 0 }));
          } else if (name === 'late' && opened.length > 1) {
            take(
              driver.send({ type: 'solved', phase: opened.at(-2)!, block: 0, result, endMs: 0 }),
            );
          } else if (name === 'fail' && open !== undefined && open.attempts.every((n) => n < 3)) {
            const error = new Error('thread died');
            take(driver.send({ type: 'failed', phase: open.id, block: 0, error }));
          } else if (name === 'pause' || name === 'resume') {
            take(driver.send({ type: name }));
          } else if (name === 'move') {
            take(driver.send({ type: 'go-to', placement: inProcess() }));
          } else if (name === 'moved' && isMoving) {
            isMoving = false;
            take(driver.send({ type: 'moved', from: 'a', to: 'b' }));
          } else if (name === 'written' && writing !== undefined) {
            const iteration = writing;
            writing = undefined;
            take(driver.send({ type: 'written', iteration, path: '', bytes: 1, seconds: 1 }));
          }
          proceed();
        };
        take(driver.send({ type: 'proceed' }));
        for (const name of actions) if (!isComplete) act(name);
        // Whatever state it is in, it ends when everybody answers.
        for (let step = 0; step < 100 && !isComplete; step++) {
          for (const name of ['resume', 'moved', 'written', 'solve']) if (!isComplete) act(name);
        }

        t.true(isComplete);
        t.deepEqual(
          opened.map(({ kind, iteration, side }) => `${kind} ${iteration} ${side}`),
          [
            'gram 0 item',
            ...['solve 1 user', 'solve 1 item', 'solve 2 user', 'solve 2 item'],
            ...['solve 3 user', 'solve 3 item'],
          ],
        );
      },
    ),
    { seed: 14 },
  );
});
