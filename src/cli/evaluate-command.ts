import { map, tap } from 'rxjs';
import { type EvaluationEvent, evaluate } from '../../dataflow/evaluate.js';
import { fromFile } from '../../dataflow/sources/from-file.js';
import type { FinishedEvent } from '../../dataflow/training/training-event.js';
import { type ModelSplit, splitForModel } from '../evaluation/split-for-model.js';
import type { FactorModel } from '../model/factor-model.js';
import { loadModel } from '../model/store/load-model.js';
import type { Provenance } from '../ratings/ratings.js';
import { columnsLines } from './columns-line.js';
import { escapeControls } from './escape-controls.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import { counted } from './figures.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { progressOn } from './progress.js';
import { nameOfFiles } from './rating-source.js';
import { readOptions } from './read-flags.js';
import { evaluationTable, ratingsTable } from './tables.js';
import { unlessStopped } from './unless-stopped.js';
import { proseColumns, wrapText } from './wrap-text.js';

/** Runs `seesaw evaluate`. */
export async function runEvaluate(
  path: string,
  files: readonly string[],
  flags: EvaluateFlags,
): Promise<void> {
  const { k, auc = false, json } = flags;
  const stopped = interruptions();
  const progress = progressOn(process.stderr, json === true || flags.quiet === true);
  // Not a pair: the check of the option says so.
  const clip = flags.clip as readonly [number, number] | undefined;
  const onProgress = (done: number, total: number) => progress.evaluating(done, total);
  const measured = evaluate({ k, auc, clip, onProgress });
  const model = await loadModel(path);
  let split: ModelSplit | undefined;
  let evaluation: EvaluationEvent | undefined;
  let read: Provenance | undefined;
  try {
    progress.begin(`reading ${nameOfFiles(files)}`);
    await unlessStopped(
      stopped,
      fromFile(files, readOptions(flags)).pipe(
        tap(({ provenance }) => {
          read = provenance;
        }),
        map((ratings) => splitForModel(model, ratings)),
        tap((made) => {
          split = made;
        }),
        map((made) => asFinished(model, made)),
        measured,
        tap((event) => {
          if (event.type === 'evaluation') evaluation = event;
        }),
      ),
    );
  } finally {
    progress.pause();
  }
  process.stdout.write(
    json ? asJson(evaluation!, split!, read) : asText(evaluation!, split!, read),
  );
}

/** The end of a training long past. */
function asFinished(model: FactorModel, { train, test, leftOut }: ModelSplit): FinishedEvent {
  const { iterations } = model.settings;
  return { type: 'finished', iterations, seconds: 0, model, train, test, leftOut };
}

function asJson(
  evaluation: EvaluationEvent,
  { leftOut, test }: ModelSplit,
  read: Provenance | undefined,
): string {
  return jsonLine({ ...evaluation, ...read, withheld: test.byUser.columns.length, leftOut });
}

function asText(
  evaluation: EvaluationEvent,
  { leftOut, test }: ModelSplit,
  read: Provenance | undefined,
): string {
  const { unknownUser, unknownItem, seen } = leftOut;
  const reasons = [
    [unknownUser, 'by unknown users'],
    [unknownItem, 'of unknown items'],
    [seen, 'that the model has seen'],
  ] as const;
  const others = reasons.filter(([count]) => count > 0);
  const count = counted(test.byUser.columns.length, 'rating');
  const columns = process.stdout.columns || 80;
  const lines = [
    `${count} by ${counted(evaluation.model.users, 'user')}`,
    ...columnsLines(read ?? {}),
  ];
  for (const [count, reason] of others) {
    lines.push(`left out ${counted(count, 'rating')} ${reason}`);
  }
  const prose = lines.map((line) =>
    wrapText(escapeControls(line), { columns: proseColumns(process.stdout), indent: 2 }),
  );
  const tables: string[] = [];
  if (evaluation.model.k.length > 0) tables.push('', evaluationTable(evaluation, columns));
  if (evaluation.ratings !== undefined) tables.push('', ratingsTable(evaluation.ratings, columns));
  return `${[...prose, ...tables].join('\n')}\n`;
}
