import { DeviceError } from '../../../errors.js';
import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import type { Shader } from './shaders/shader.js';

/** A shader that the device can run. */
export interface Compiled {
  readonly shader: Shader;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** `GPUShaderStage.COMPUTE`, which Node does not have as a global. */
const computeStage = 4;

/** The shaders of a device; each is compiled once, whatever job asks for it. */
export class ShaderCache {
  readonly #gpu: Gpu;
  readonly #compiled = new Map<string, Promise<Compiled>>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Rejects with `DeviceError` if the device does not take the shader. */
  compile(shader: Shader): Promise<Compiled> {
    let compiled = this.#compiled.get(shader.code);
    if (compiled === undefined) {
      compiled = compile(this.#gpu, shader);
      this.#compiled.set(shader.code, compiled);
      compiled.catch(() => this.#compiled.delete(shader.code));
    }
    return compiled;
  }
}

async function compile(gpu: Gpu, shader: Shader): Promise<Compiled> {
  const { device } = gpu;
  const { layout, made } = await guarded(gpu, () => {
    const layout = device.createBindGroupLayout({ entries: entriesOf(shader) });
    const made = device.createComputePipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ code: shader.code }) },
    });
    // Heard below, unless the device refuses the module first.
    made.catch(() => {});
    return { layout, made: { pipeline: made } };
  });
  try {
    return { shader, layout, pipeline: await made.pipeline };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new DeviceError(`it does not take the shader "${shader.name}": ${reason}`, { cause });
  }
}

function entriesOf({ bindings }: Shader): GPUBindGroupLayoutEntry[] {
  const params = { binding: 0, visibility: computeStage, buffer: { type: 'uniform' } } as const;
  return [
    params,
    ...bindings.map(
      ({ access }, i): GPUBindGroupLayoutEntry => ({
        binding: i + 1,
        visibility: computeStage,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      }),
    ),
  ];
}
