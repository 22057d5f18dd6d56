/** Child process: what SIMD arithmetic alone reaches in this Node, as JSON. */

import asc from 'assemblyscript/asc';

const repeats = 9;
const steps = 20_000_000;
const accumulators = 12;

/** What the loop reached, in one thread. */
export interface SimdCeiling {
  readonly runtime: string;
  readonly arithmetic: 'relaxed fused multiply-add' | 'multiply, then add';
  readonly gigaflops: number;
}

const relaxed = await compile(true);
const fuses = WebAssembly.validate(relaxed);
const module = new WebAssembly.Module(fuses ? relaxed : await compile(false));
const instance = new WebAssembly.Instance(module, {});
const loop = instance.exports.loop as (steps: number, factor: number, term: number) => number;
let best = 0;
let sink = 0;
for (let repeat = 0; repeat < repeats; repeat++) {
  const startMs = performance.now();
  sink += loop(steps, 0.5, 1);
  const seconds = (performance.now() - startMs) / 1000;
  best = Math.max(best, (steps * accumulators * 8) / seconds / 1e9);
}
if (!Number.isFinite(sink)) throw new Error(`the loop gave ${sink}; expected a finite number`);
const ceiling: SimdCeiling = {
  runtime: `Node ${process.versions.node}`,
  arithmetic: fuses ? 'relaxed fused multiply-add' : 'multiply, then add',
  gigaflops: best,
};
process.stdout.write(`${JSON.stringify(ceiling)}\n`);

/** Independent sums in registers and nothing else: no loads, no stores. */
async function compile(relaxed: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const names = Array.from({ length: accumulators }, (_, n) => `sum${n}`);
  const step = relaxed
    ? (sum: string) => `${sum} = f32x4.relaxed_madd(${sum}, a, b);`
    : (sum: string) => `${sum} = f32x4.add(f32x4.mul(${sum}, a), b);`;
  const source = `
    export function loop(steps: i32, factor: f32, term: f32): f32 {
      const a = f32x4.splat(factor);
      const b = f32x4.splat(term);
      ${names.map((name, n) => `let ${name} = f32x4.splat(term + ${n});`).join('\n')}
      for (let step = 0; step < steps; ++step) {
        ${names.map(step).join('\n')}
      }
      return ${names.map((name) => `f32x4.extract_lane(${name}, 0)`).join(' + ')};
    }`;
  const files = new Map<string, Uint8Array>();
  const { error, stderr } = await asc.main(
    [
      ...['loop.ts', '--outFile', 'loop.wasm', '-O3', '--runtime', 'stub'],
      ...['--enable', relaxed ? 'simd,relaxed-simd' : 'simd'],
    ],
    {
      readFile: (name) => (name === 'loop.ts' ? source : null),
      writeFile: (name, contents) => {
        files.set(name, contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(stderr.toString(), { cause: error });
  return new Uint8Array(files.get('loop.wasm')!);
}
