import { isObservable, NEVER, type Observable, of } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import {
  aCount,
  anything,
  aPath,
  checkOptions,
  checkValue,
  type Rule,
  type Rules,
} from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import { checkGpuOptions } from '../../src/kernels/gpu/device/check-gpu-options.js';
import type { GpuOptions } from '../../src/kernels/job-layout.js';

/** How a run is placed and held. */
export interface RunControl {
  /**
   * Where it runs. Default `threads()`: a worker thread for each core. A stream of places moves a
   * running job: it begins at the first one and goes on at a later one from the next phase. If that
   * one does not open, a `fault` is emitted, and the job stays where it is. When the stream
   * completes, it stays too; completing without any place, and an error, are errors of the
   * training.
   */
  readonly placement?: Placement | Observable<Placement> | undefined;
  /**
   * While its last value is true no phase begins; threads and memory stay. A `BehaviorSubject` is the
   * natural one. When the stream completes the run goes on; an error is an error of the training.
   */
  readonly pause?: Observable<boolean> | undefined;
  /**
   * With implicit feedback and withheld ratings: how many users, drawn by `seed`, get lists after every
   * iteration, for the NDCG and the recall in `validation`. 0 for none. Default 250.
   */
  readonly validationUsers?: number | undefined;
  /** Which GPU, for `kernel` 'gpu' and 'auto'. */
  readonly gpu?: GpuOptions | undefined;
}

/** Where checkpoints go, and whether to go on from one. `resume: true` needs `checkpoint`. */
export type CheckpointControl =
  | { readonly checkpoint: CheckpointOptions; readonly resume?: string | boolean | undefined }
  | {
      /** Writes checkpoints while training goes on. One run at a time may write into a directory. */
      readonly checkpoint?: CheckpointOptions | undefined;
      /**
       * Goes on from the newest whole checkpoint in this directory, to the same events and bits as if
       * the run had never stopped. `true` is the directory of `checkpoint`, and begins anew if there is
       * none yet, so that one program starts and resumes. Ratings and options must be the same;
       * placement, `checkpoint`, and `iterations` from the checkpoint's upwards may change. Default false.
       */
      readonly resume?: string | false | undefined;
    };

/** How a run is placed, held, and kept safe from a crash. None of it changes the model. */
export type TrainingControl = RunControl & CheckpointControl;

/** As `TrainingControl`, in any combination: plain JavaScript is checked when it runs. */
type UncheckedControl = RunControl & {
  readonly checkpoint?: CheckpointOptions | undefined;
  readonly resume?: string | boolean | undefined;
};

/** Where checkpoints go, how often, how many stay. */
export interface CheckpointOptions {
  /** A directory, made if it is not there. */
  readonly path: string;
  /** After so many iterations each, an integer ≥ 1, and after the last one. Default 1. */
  readonly every?: number | undefined;
  /** The newest so many stay, an integer ≥ 1. Default 2. */
  readonly keep?: number | undefined;
}

/** `CheckpointOptions` with every default filled in. */
interface ResolvedCheckpoint extends CheckpointOptions {
  readonly every: number;
  readonly keep: number;
}

/** `TrainingControl` checked and with every default filled in. */
export interface ResolvedControl {
  readonly placement$: Observable<Placement>;
  readonly pause$: Observable<boolean>;
  readonly validationUsers: number;
  readonly gpu: GpuOptions | undefined;
  readonly checkpoint: ResolvedCheckpoint | undefined;
  /** Where to go on from, and whether it is an error if nothing is there. */
  readonly resume: { readonly path: string; readonly isRequired: boolean } | undefined;
}

const aStream: Rule = { expected: 'an Observable<boolean>', accepts: isObservable };

/** What each option must be; `resolveControl` checks the others, whose parts have rules of their own. */
export const controlRules: Rules<keyof TrainingControl> = {
  placement: anything,
  pause: aStream,
  validationUsers: {
    expected: 'an integer ≥ 0',
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  gpu: anything,
  checkpoint: anything,
  resume: anything,
};

const checkpointRules: Rules<keyof CheckpointOptions> = {
  path: aPath('a directory'),
  every: aCount,
  keep: aCount,
};

/** Checks what does not need a subscription. Throws `InvalidOptionError`. */
export function resolveControl(control: UncheckedControl): ResolvedControl {
  const { placement = threads(), pause = NEVER, gpu, checkpoint, resume = false } = control;
  const { validationUsers = 250 } = control;
  if (!isObservable(placement)) checkPlacement(placement);
  return {
    placement$: isObservable(placement) ? placement : of(placement),
    pause$: pause,
    validationUsers,
    gpu: gpu === undefined ? undefined : checkGpuOptions(gpu),
    checkpoint: checkpoint === undefined ? undefined : resolveCheckpoint(checkpoint),
    resume: resolveResume(resume, checkpoint),
  };
}

/** Throws `InvalidOptionError` for a value that is no placement. */
export function checkPlacement(placement: Placement): void {
  if (typeof placement?.open === 'function') return;
  throw new InvalidOptionError(
    'placement',
    placement,
    'inProcess() or threads(n), or an Observable of them',
  );
}

function resolveCheckpoint(options: CheckpointOptions): ResolvedCheckpoint {
  checkOptions({ within: 'checkpoint' }, options, checkpointRules);
  const { path, every = 1, keep = 2 } = options;
  checkValue('checkpoint.path', path, checkpointRules.path);
  return { path, every, keep };
}

function resolveResume(
  resume: string | boolean,
  checkpoint: CheckpointOptions | undefined,
): ResolvedControl['resume'] {
  if (resume === false) return undefined;
  if (typeof resume === 'string' && resume !== '') return { path: resume, isRequired: true };
  if (resume === true && checkpoint !== undefined) {
    return { path: checkpoint.path, isRequired: false };
  }
  throw new InvalidOptionError(
    'resume',
    resume,
    'a directory of checkpoints, or true together with checkpoint: { path }',
  );
}
