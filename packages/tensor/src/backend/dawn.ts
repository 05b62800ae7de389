/** WebGPU: the browser's own, or Dawn (`webgpu` from npm) in Node. */
import { loadWebgpuBackend, tf } from '../tf.ts';
import { installs } from '../tfjs/installs.ts';
import { guardDevice, registerAddNInParts, runningBackend } from './internals.ts';
import { vulkanDrivers } from './vulkan.ts';

interface Adapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Record<string, number>;
  requestDevice(descriptor: object): Promise<object>;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
  };
}
interface Gpu {
  requestAdapter(options?: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

const noDriver = ': no Vulkan driver was found (install one, or set VK_ICD_FILENAMES to its description)';

/** Starts tfjs's WebGPU backend and names the adapter. With `realDeviceOnly` a software rasteriser is refused. */
export async function startDawn(realDeviceOnly: boolean): Promise<string> {
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('useBackend: no WebGPU adapter on this machine works');
  const { vendor, architecture, description } = adapter.info;
  const device = [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed adapter';
  if (realDeviceOnly && /swiftshader|llvmpipe|software|cpu/i.test(device))
    throw new Error(`useBackend: the only WebGPU adapter is a software one (${device})`);
  const { WebGPUBackend } = await loadWebgpuBackend();
  if (runningBackend('webgpu') === undefined || !registered) {
    tf.removeBackend('webgpu');
    tf.registerBackend(
      'webgpu',
      async () => {
        const device = await requestDevice(adapter);
        const backend = new WebGPUBackend(device as never, adapter.info as never);
        guardDevice(backend, device);
        registerAddNInParts(device);
        return backend;
      },
      3,
    );
    registered = true;
  }
  if (!(await tf.setBackend('webgpu')))
    throw new Error(`useBackend: tfjs's webgpu backend refused to start on ${device}`);
  await tf.ready();
  return device;
}

/** Has our own device replaced tfjs's? Once a process is enough, and a second would orphan the tensors of the first. */
let registered = false;

/** What shaders can use where the adapter has it; tfjs's own device would leave these off. */
const wantedFeatures = ['timestamp-query', 'subgroups', 'shader-f16'];
const wantedLimits = [
  ...[
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxBufferSize',
  ],
  ...['maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup', 'maxStorageBuffersPerShaderStage'],
];

function requestDevice(adapter: Adapter): Promise<object> {
  return adapter.requestDevice({
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]])),
  });
}

/** `navigator.gpu` where there is one; otherwise Dawn is put there, where tfjs looks for it. */
async function findGpu(): Promise<Gpu> {
  const present = (globalThis.navigator as unknown as { gpu?: Gpu } | undefined)?.gpu;
  if (present) return present;
  let dawn: { create(flags: string[]): Gpu; globals: Record<string, unknown> };
  try {
    dawn = (await import('webgpu')) as unknown as typeof dawn;
  } catch {
    throw new Error(`useBackend: WebGPU in Node needs packages of its own: npm install ${installs.webgpu}`);
  }
  // Asked for an adapter where there is no driver, Dawn writes stack traces to the standard error stream.
  if (process.platform === 'linux' && (await vulkanDrivers(process.env)).length === 0)
    throw new Error(`useBackend: no WebGPU adapter on this machine${noDriver}`);
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  // Node 21 and later has a navigator whose properties are read-only getters.
  if (globalThis.navigator === undefined)
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  else Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}
