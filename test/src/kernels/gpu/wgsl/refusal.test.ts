import type { ProgramShape } from '../../../../../src/kernels/gpu/gpu-program.js';
import type { WgslSettings } from '../../../../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';

const netflix: ProgramShape = {
  users: 480_189,
  items: 17_770,
  ratings: 100_000_000,
  heldOut: 0,
  rank: 64,
  stride: 64,
  longestRow: 232_944,
};

const refusal = (shape: Partial<ProgramShape>, settings: WgslSettings = {}) =>
  wgslProgram(anyGpu!, settings).refusal({ ...netflix, ...shape });

testOnGpu('a job that fits the device after cuts is taken', (t) => {
  t.is(refusal({}), undefined);
  t.is(refusal({ rank: 256, stride: 256 }), undefined);
  t.is(refusal({}, { bindingBytes: 64 * 2 ** 20 }), undefined);
});

testOnGpu('a rank that workgroup memory has no room for is refused with the highest', (t) => {
  const reason = refusal({ rank: 4096, stride: 4096 }, { workgroupBytes: 16_384 })!;

  t.regex(reason, /^found rank 4096; expected at most \d+ with .* 16384 bytes$/);
  const most = Number(/at most (\d+)/.exec(reason)![1]);
  t.is(refusal({ rank: most, stride: most }, { workgroupBytes: 16_384 }), undefined);
});

testOnGpu('rows that no number of bindings reads are refused with the number that fits', (t) => {
  const reason = refusal({}, { bindingBytes: 2 ** 20 })!;

  t.regex(reason, /^found 480189 rows of rank 64; expected at most \d+, /);
});

testOnGpu('a row whose ratings fit no binding is refused', (t) => {
  const reason = refusal({ longestRow: 2 ** 30 });

  t.regex(reason!, /^found a row of 1073741824 ratings; expected at most \d+, /);
});

testOnGpu('sums of errors that fit no binding are refused with the bytes', (t) => {
  const reason = refusal({ rank: 1, stride: 4, ratings: 10 ** 9 }, { bindingBytes: 16 * 2 ** 20 });

  t.regex(reason!, /^found a job with \d+ bytes for sums of errors; expected at most 16777216, /);
});
