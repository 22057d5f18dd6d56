import test from 'ava';
import { Command } from 'commander';
import { UsageError } from '../../../src/cli/exit-status.js';
import { addSearchFlags } from '../../../src/cli/search-flags.js';
import { searchPlan } from '../../../src/cli/search-plan.js';
import { drawnFrom, parseTried } from '../../../src/cli/tried-values.js';
import { InvalidOptionError } from '../../../src/errors.js';

function planOf(flags: readonly string[]) {
  const command = addSearchFlags(new Command('search')).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  command.parse(['ratings.csv', ...flags], { from: 'user' });
  return searchPlan(command.opts());
}

const refuses = test.macro({
  exec(t, flags: readonly string[], message: RegExp) {
    const error = t.throws(() => planOf(flags), { message });
    t.true(
      error instanceof UsageError || error instanceof InvalidOptionError || 'exitCode' in error!,
    );
  },
  title: (_, flags: readonly string[]) => `search refuses ${flags.join(' ') || 'nothing to try'}`,
});

test(refuses, [], /found nothing to choose from; .* try --rank 32,64/);
test(refuses, ['--rank', '8'], /found nothing to choose from/);
test(refuses, ['--regularization', '1..10'], /a range in --regularization and no number of trials/);
test(refuses, ['--trials', '3', '--alpha', '10..1'], /two ascending numbers/);
test(refuses, ['--trials', '3', '--alpha', '1..2..3'], /two ascending numbers/);
test(refuses, ['--trials', '3', '--rank', '1.5..9'], /an integer/);
test(refuses, ['--trials', '3', '--subspace-size', '8..64'], /list of multiples of 8/);
test(refuses, ['--trials', '0', '--rank', '2,4'], /option trials/);
test(refuses, ['--rank', '2,4', '--metric', 'ndgc@20'], /option metric/);
test(refuses, ['--rank', '2,4', '--metric', 'rmse'], /--metric rmse with implicit feedback/);
test(refuses, ['--rank', '2,4', '--concurrency', '0'], /option concurrency/);
test(refuses, ['--rank', '2,x'], /Expected a number/);
test(refuses, ['--rank', '2,,4'], /Expected a number/);
test(refuses, ['--rank', '2,600'], /option rank is 600/);
test(refuses, ['--feedback', 'explicit', '--alpha', '1,2'], /option alpha/);

test('search varies the options with several values, in one order', (t) => {
  const { varied, metric } = planOf(['--alpha', '1,2', '--iterations', '3', '--rank', '4,8,4']);

  t.deepEqual(varied, ['rank', 'alpha']);
  t.is(metric, 'ndcg@20');
  t.is(planOf(['--feedback', 'explicit', '--rank', '4,8']).metric, 'rmse');
});

test('a range is drawn from with all orders of magnitude alike, up to its bounds', (t) => {
  const range = parseTried('1..100');
  if (!('low' in range)) return t.fail();
  const draw = drawnFrom(range, false);
  const whole = drawnFrom(range, true);

  t.is(draw(0), 1);
  t.is(draw(0.5), 10);
  t.is(draw(0.25), 3.162);
  t.is(whole(0), 1);
  t.is(whole(1 - 2 ** -53), 100);
  t.true(Number.isInteger(whole(0.3)));
});

test('a range from 0 is drawn from with all numbers alike', (t) => {
  const draw = drawnFrom({ low: 0, high: 1 }, false);

  t.is(draw(0), 0);
  t.is(draw(0.25), 0.25);
});
