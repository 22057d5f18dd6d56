import { firstValueFrom, lastValueFrom, of } from 'rxjs';
import {
  type FactorModel,
  type GpuOptions,
  inProcess,
  paperSettings,
  synthetic,
  train,
} from 'seesaw';

/** How near a GPU comes to the float64 reference on one problem. */
export interface GpuCheck {
  readonly program: GpuProgramName;
  readonly problem: string;
  readonly rank: number;
  /** ‖factors − reference‖ / ‖reference‖, the worse of the two sides. */
  readonly factorError: number;
  readonly lossError: number;
  readonly isRight: boolean;
}

export type GpuProgramName = NonNullable<GpuOptions['program']>;

/** What is enough after 10 iterations in float32. */
const factorTolerance = 1e-3;
const lossTolerance = 1e-4;

/** With less regularization the iterations themselves enlarge what rounding leaves, in any float32. */
const problems = {
  implicit: { ...paperSettings, feedback: 'implicit', alpha: 2, regularization: 10 },
  explicit: { feedback: 'explicit', regularization: 0.1, regularizationExponent: 1 },
} as const;

/** Trains small problems on the GPU and by the reference, and compares. */
export async function* gpuChecks(
  program: GpuProgramName,
  ranks: readonly number[],
  gpu: GpuOptions,
): AsyncGenerator<GpuCheck> {
  const ratings = await firstValueFrom(synthetic({ users: 400, items: 300, count: 12_000 }));
  for (const [problem, settings] of Object.entries(problems)) {
    for (const rank of ranks) {
      const options = { ...settings, rank, iterations: 10, placement: inProcess() };
      const run = async (kernel: 'reference' | 'gpu') => {
        const events = of(ratings).pipe(train({ ...options, kernel, gpu: { ...gpu, program } }));
        let loss = Number.NaN;
        let model: FactorModel | undefined;
        await events.forEach((event) => {
          if (event.type === 'iteration') loss = event.loss.total;
          if (event.type === 'fault') throw new Error(event.message);
          if (event.type === 'finished') model = event.model;
        });
        return { loss, model: model! };
      };
      const [found, wanted] = [await run('gpu'), await run('reference')];
      const factorError = Math.max(
        errorOf(found.model.userFactors, wanted.model.userFactors),
        errorOf(found.model.itemFactors, wanted.model.itemFactors),
      );
      const lossError = Math.abs(found.loss / wanted.loss - 1);
      const isRight = factorError <= factorTolerance && lossError <= lossTolerance;
      yield { program, problem, rank, factorError, lossError, isRight };
    }
  }
}

/** How many of the lists that a GPU makes are not those of the processor: 0 is right. */
export async function wrongLists(gpu: GpuOptions): Promise<number> {
  const ratings = await firstValueFrom(synthetic({ users: 2000, items: 1500, count: 60_000 }));
  const options = { rank: 20, iterations: 2, kernel: 'wasm', placement: inProcess() } as const;
  const last = await lastValueFrom(of(ratings).pipe(train(options)));
  if (last.type !== 'finished') throw new TypeError(`training ended with ${last.type}`);
  const right = last.model.recommendAll({ count: 20 });
  const onFault = ({ message }: { readonly message: string }) => {
    throw new Error(message);
  };
  let wrong = 0;
  for await (const list of last.model.recommendAllOnGpu({ count: 20, gpu, onFault })) {
    if (JSON.stringify(list) !== JSON.stringify(right.next().value)) wrong++;
  }
  return wrong;
}

/** ‖found − wanted‖ / ‖wanted‖. */
function errorOf(found: Float32Array, wanted: Float32Array): number {
  let difference = 0;
  let size = 0;
  for (const [at, element] of wanted.entries()) {
    difference += (found[at]! - element) ** 2;
    size += element ** 2;
  }
  return Math.sqrt(difference / size);
}
