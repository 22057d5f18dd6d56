import test from 'ava';
import { compile } from '../helpers/probes/compile.js';

const imports = `
import { EMPTY, map, share } from 'rxjs';
import {
  collect, crossValidate, evaluate, fromFile, gridSearch, holdout, randomSearch, recommendAll, saveModel, stopOn, train,
  untilConverged, untilNoImprovement,
} from 'seesaw';
`;

/** The stages after `fromFile`, by what is right or wrong about them. */
const pipelines = {
  'evaluate before train': 'holdout(), evaluate(), train()',
  'evaluate without train': 'holdout(), evaluate()',
  'evaluate of a run without a split': 'train(), evaluate()',
  'evaluate of a run without a split, stages between':
    "train(), untilConverged(0.1), stopOn(EMPTY), share(), saveModel('model'), map((event) => event), evaluate()",
  'untilNoImprovement of a run without a split': 'train(), untilNoImprovement()',
  'holdout after train': 'train(), holdout()',
  'holdout after train and share': 'train(), share(), holdout()',
  'holdout twice': 'holdout(), holdout(), train()',
  'crossValidate of a split': 'holdout(), crossValidate(5), train()',
  'collect of ratings': 'collect(), train()',
  'train on a number': 'map(() => 5), train()',
  'train twice': 'train(), train()',
  'recommendAll of ratings': 'recommendAll()',
  'saveModel of ratings': "saveModel('model'), train()",
  'a misspelled option of train': 'train({ regularisation: 0.1 })',
  'a misspelled solver': "train({ solver: 'choleski' })",
  'a misspelled option of evaluate': 'holdout(), train(), evaluate({ cutoff: 10 })',
  'two ways to hold out at once': 'holdout({ fraction: 0.1, last: 1 }), train()',
  'resume: true without a checkpoint': 'train({ resume: true })',
  'a metric that was not asked for':
    "holdout(), train(), evaluate({ k: 20 }), map((event) => event.type === 'evaluation' && event.model['recall@10'])",
  'a model from an event without one': 'train(), map((event) => event.model)',
  'gridSearch of ratings': "gridSearch({ options: { rank: [8, 16] }, metric: 'ndcg@20' })",
  'gridSearch of an unknown option':
    "holdout(), gridSearch({ options: { ranks: [8, 16] }, metric: 'ndcg@20' })",
  'gridSearch of a value of the wrong type':
    "holdout(), gridSearch({ options: { rank: ['8'] }, metric: 'ndcg@20' })",
  'gridSearch by an unknown metric':
    "holdout(), gridSearch({ options: { rank: [8, 16] }, metric: 'ndgc@20' })",
  'randomSearch after train':
    "train(), randomSearch({ options: { rank: 8 }, trials: 2, metric: 'rmse' })",
  'a right one': 'holdout(), train(), evaluate(), saveModel("model"), recommendAll()',
  'a right search':
    "crossValidate(3), gridSearch({ options: { rank: [8, 16], alpha: 5 }, metric: 'ndcg@20' })",
  'a right one with operators of RxJS': 'share(), holdout(), share(), train(), share(), evaluate()',
};

const programs = Object.entries(pipelines).map(([name, stages]) => [
  name,
  `${imports}\nexport const result$ = fromFile('ratings.csv').pipe(${stages});`,
]);
const messages = compile(Object.fromEntries(programs));

const isRefused = test.macro({
  exec(t, name: string, ...said: readonly string[]) {
    const message = messages.get(name) ?? '';

    for (const words of said) t.true(message.includes(words), `${words}; but found: ${message}`);
  },
  title: (_, name) => `${name} does not compile, and the message says what does not fit`,
});

test(isRefused, 'evaluate before train', 'Stage<"evaluate"', 'RatingsSplit');
test(isRefused, 'evaluate without train', 'Stage<"evaluate"', 'RatingsSplit');
const nothingWithheld = `'"nothing; try holdout(…) before train(…)"' is not assignable`;
test(isRefused, 'evaluate of a run without a split', 'Stage<"evaluate"', nothingWithheld);
test(isRefused, 'evaluate of a run without a split, stages between', nothingWithheld);
test(isRefused, 'untilNoImprovement of a run without a split', nothingWithheld);
test(isRefused, 'holdout after train', 'Stage<"holdout"', "TrainingEvent' is not assignable");
test(isRefused, 'holdout after train and share', 'Stage<"holdout"', 'TrainingEvent');
test(isRefused, 'holdout twice', 'Stage<"holdout"', `'RatingsSplit'`);
test(isRefused, 'crossValidate of a split', 'Stage<"crossValidate"', `'RatingsSplit'`);
test(isRefused, 'collect of ratings', 'Stage<"collect"', `'Ratings'`);
test(isRefused, 'train on a number', 'Stage<"train"', `'number' is not assignable`);
test(isRefused, 'train twice', 'Stage<"train"', 'TrainingEvent');
test(isRefused, 'recommendAll of ratings', 'Stage<"recommendAll"', 'Observable<Ratings>');
test(isRefused, 'saveModel of ratings', 'Stage<"saveModel"', `'Ratings'`);
test(isRefused, 'a misspelled option of train', `mean to write 'regularization'`);
test(isRefused, 'a misspelled solver', `'"choleski"' is not assignable`);
test(isRefused, 'a misspelled option of evaluate', `'cutoff' does not exist`, 'EvaluateOptions');
test(isRefused, 'two ways to hold out at once', 'is not assignable');
test(isRefused, 'resume: true without a checkpoint', 'is not assignable');
test(isRefused, 'a metric that was not asked for', `mean 'recall@20'`);
test(isRefused, 'a model from an event without one', `'model' does not exist`, 'StartedEvent');
test(isRefused, 'gridSearch of ratings', 'Stage<"gridSearch"', 'Observable<Ratings>');
test(isRefused, 'gridSearch of an unknown option', `mean to write 'rank'`);
test(isRefused, 'gridSearch of a value of the wrong type', `'string' is not assignable`);
test(isRefused, 'gridSearch by an unknown metric', `'"ndgc@20"' is not assignable`);
test(isRefused, 'randomSearch after train', 'Stage<"randomSearch"', 'TrainingEvent');

for (const name of ['a right one', 'a right search', 'a right one with operators of RxJS']) {
  test(`${name} compiles`, (t) => {
    t.is(messages.get(name), '');
  });
}
