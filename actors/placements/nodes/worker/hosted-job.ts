import { Arena } from '../../../../src/arena.js';
import { StoppedError } from '../../../../src/errors.js';
import type { RatingsReader } from '../../../../src/io/ratings-reader.js';
import type { GpuOptions } from '../../../../src/kernels/job-layout.js';
import {
  draftJob,
  type JobShape,
  type LayoutDraft,
  withScratch,
} from '../../../../src/kernels/lay-out-job.js';
import { traitsOf } from '../../../../src/kernels/select/choose-kernel.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { TaskQueue } from '../../../../src/task-queue.js';
import { ActorSystem, dispatch, type Ref } from '../../../actor-system.js';
import { asError } from '../../../as-error.js';
import { spawnBlock } from '../../../block.js';
import type { BlockCommand, BlockReply } from '../../../protocol.js';
import type { BlockResult } from '../../block-result.js';
import type { JobExecutor, Placement } from '../../placement.js';
import { toWire } from '../../wire-error.js';
import { oneLine } from '../protocol/clean-text.js';
import type { Fetch, NodeAnswer, NodeCommand, Publish } from '../protocol/messages.js';
import { blocksOf, placePiece, readPiece } from '../protocol/row-piece.js';
import { openRows, pieceKey } from '../protocol/row-seal.js';
import type { Seal } from '../seal/seal.js';
import type { Objects } from '../transport/objects.js';
import { HostedParts } from './hosted-parts.js';
import { type DataCommand, LoadedData } from './loaded-data.js';
import { NewestGram } from './newest-gram.js';
import { blockName, PendingTasks } from './pending-tasks.js';
import { SolvedTasks } from './solved-tasks.js';

type Solve = Extract<NodeCommand, { type: 'solve' }>;
type Drop = Extract<NodeCommand, { type: 'drop' }>;

/** A job on a node: its blocks are actors here, and its memory is the node's own. */
export interface HostedJob {
  receive(command: DataCommand | Solve | Drop): void;
  /**
   * Copies rows to their place. Throws `InvalidMessageError` if they must be sent again, or are not
   * for this node.
   *
   * @param replyTo where they are acknowledged
   */
  takeRows(payload: Uint8Array, replyTo: string): void;
  /**
   * Some of the bytes that a solved task has written, or of the bits of what a block needs that was
   * read, with room for a seal, valid until this turn of the event loop is over. Throws
   * `InvalidMessageError`.
   */
  fetch(request: Fetch): Uint8Array;
  /** The same of the rows that it has written, sealed for all. Throws `InvalidMessageError`. */
  publish(request: Publish): Uint8Array;
  /** Ends every task and resolves when no thread is left. Sends no further answer. */
  close(): Promise<void>;
}

export interface HostSettings {
  readonly job: string;
  readonly shape: JobShape;
  /** Whether this node holds the blocks that it is given only, not all of the job. */
  readonly inParts: boolean;
  /** Where the tasks run on this node. */
  readonly placement: Placement;
  readonly objects: Objects;
  /** Seals the messages with the supervisor. */
  readonly seal: Seal;
  /** Which GPU may compute, for a kernel of a GPU. */
  readonly gpu?: GpuOptions | undefined;
  /** Where it reads ratings, if the shape has a source. The job closes it. */
  readonly reader?: RatingsReader | undefined;
  readonly answer: (answer: NodeAnswer) => void;
}

/** Lays a job out and starts the actor that hosts it. Throws `MemoryLimitError` if it does not fit. */
export function hostJob(settings: HostSettings): HostedJob {
  const { job, shape, inParts, placement, objects, seal, gpu, reader, answer } = settings;
  const tellFault = ({ message }: { readonly message: string }) =>
    tell({ type: 'fault', message: oneLine(message) });
  const arena = new Arena();
  const parts = inParts
    ? new HostedParts({
        ...{ job, shape, slots: placement.slots },
        open: (part) => placement.open(part, tellFault),
      })
    : undefined;
  const draft: LayoutDraft = parts?.lengths ?? draftJob(shape, arena, job);
  const system = new ActorSystem();
  const loaded = new LoadedData({ draft, shape, objects, reader, parts });
  const solved = new SolvedTasks(
    (side, block) => ({
      layout: parts?.partOf(side, block).layout ?? draft,
      firstRow: shape[side].blockStarts[block]!,
    }),
    seal,
  );
  const blocks = new Map<string, Ref<BlockCommand>>();
  const pending = new PendingTasks(draft);
  /**
   * Tasks that it holds back can still be dropped. It lets through 1.5 times as many as there are
   * slots: a busy thread is given its next task only while others wait for an idle one.
   */
  const queue = new TaskQueue<BlockResult>({ workers: Math.floor(1.5 * placement.slots) });
  /** The latest generation that has come or was solved here. */
  const newest = { user: Number.NEGATIVE_INFINITY, item: Number.NEGATIVE_INFINITY };
  const grams = new NewestGram();
  /** Blocks of which rows have come since the last task. */
  const withNewRows: Record<Side, Set<number>> = { user: new Set(), item: new Set() };
  let opening: Promise<JobExecutor> | undefined;
  let isClosed = false;

  const tell = (message: NodeAnswer): void => {
    if (!isClosed) answer(message);
  };
  const executor = {
    solve: async (task: Solve['task']) => {
      if (parts === undefined) opening ??= open();
      const placed = await opening;
      const number = pending.next(task);
      return queue.add(async () => {
        if (pending.isDropped(number)) throw new StoppedError();
        if (placed === undefined) return parts!.solve(task);
        for (const side of ['user', 'item'] as const) {
          for (const block of withNewRows[side]) placed.changed?.(side, block);
          withNewRows[side].clear();
        }
        return placed.solve(task);
      });
    },
  };
  const open = (): Promise<JobExecutor> => {
    loaded.fixRows();
    const kernel = traitsOf(draft.kernel);
    const layout = withScratch(draft, arena, { kernel, slots: placement.slots });
    return placement.open({ ...layout, ...(gpu && { gpu }) }, tellFault);
  };
  const actor = system.spawn<null, DataCommand | Solve | Drop | BlockReply>('host', {
    initialState: null,
    receive(state, message, self) {
      switch (message.type) {
        case 'load':
        case 'hold':
        case 'read':
          void takeData(message);
          return state;
        case 'solve':
          begin(message, self);
          return state;
        case 'drop':
          pending.drop(message.number);
          return state;
        case 'solved':
        case 'failed':
          report(message);
          return state;
        default:
          return message satisfies never;
      }
    },
    onFault: () => {},
  });

  return {
    receive: (command) => dispatch(actor, command),
    takeRows(payload, replyTo) {
      const sealed = openRows(payload);
      const arrived = readPiece(draft, sealed.frame);
      sealed.expectFor(pieceKey(seal, arrived.piece, replyTo));
      const { type, side, generation } = arrived.piece.table;
      if (type === 'gram' && !grams.isNewest(side, generation)) return;
      if (type === 'factors') {
        // Late rows would overwrite a later generation.
        if (generation <= newest[side] - 2) return;
        pending.expectNoneAt(arrived.piece);
        newest[side] = Math.max(newest[side], generation);
        for (const block of blocksOf(arrived.piece, draft[side].blockStarts))
          withNewRows[side].add(block);
      }
      if (parts === undefined) placePiece(draft, arrived);
      else parts.place(arrived, generation >= newest[side]);
    },
    fetch: (request) => loaded.fetch(request) ?? solved.fetch(request),
    publish: (request) => solved.publish(request),
    async close() {
      isClosed = true;
      if (parts === undefined) {
        Atomics.store(new Int32Array(draft.memory.buffer, draft.stopFlag, 1), 0, 1);
      }
      system.stop();
      queue.close();
      // Its tasks have failed with the reason.
      const placed = await opening?.catch(() => undefined);
      await placed?.close();
      await parts?.close();
      await reader?.close();
    },
  };

  async function takeData(message: DataCommand): Promise<void> {
    const { number } = message;
    try {
      tell(await loaded.take(message));
    } catch (thrown) {
      tell({ type: 'unloaded', number, reason: oneLine(asError(thrown).message) });
    }
  }

  function begin({ number, task }: Solve, self: Ref<BlockReply>): void {
    const { side, block, ...phase } = task;
    const key = blockName(task);
    try {
      loaded.expectFor(task);
      parts?.partOf(side, block);
      pending.add(number, task);
    } catch (thrown) {
      tell({ type: 'failed', number, error: toWire(thrown) });
      return;
    }
    // Times are taken where the answer arrives: clocks of machines differ.
    const now = () => 0;
    if (!blocks.has(key)) blocks.set(key, spawnBlock(system, { side, block, executor, now }));
    newest[side] = Math.max(newest[side], task.iteration);
    dispatch(blocks.get(key)!, { type: 'solve', phase: { ...phase, side }, replyTo: self });
  }

  function report(reply: BlockReply): void {
    const { phase, block } = reply;
    const { number, isDropped } = pending.finish({ ...phase, block });
    if (isDropped || reply.type === 'failed') {
      const error = reply.type === 'failed' ? reply.error : new StoppedError();
      tell({ type: 'failed', number, error: toWire(error) });
      return;
    }
    // A late one would overwrite rows of a later generation.
    if (parts && phase.kind !== 'gram' && phase.iteration >= newest[phase.side]) {
      parts.share({ ...phase, block });
    }
    const written = solved.add(number, { ...phase, block });
    tell({ type: 'solved', number, result: reply.result, written });
  }
}
