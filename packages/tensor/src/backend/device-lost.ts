/**
 * Thrown by whatever touches a GPU that is gone: its driver was reset, it was unplugged, or the page lost it. Its tensors are lost with
 * it; plain WebGPU would answer with zeros. A new process, or in a browser a new page, starts a new one.
 *
 * @example
 * ```ts
 * import { DeviceLostError } from '@svo/tensor';
 * new DeviceLostError('destroyed: by the test').message.split(' (')[0]; // => 'webgpu: the device is lost, destroyed: by the test'
 * ```
 */
export class DeviceLostError extends Error {
  override readonly name: string = 'DeviceLostError';

  constructor(reason: string) {
    super(`webgpu: the device is lost, ${reason} (its tensors with it: start again from the last checkpoint)`);
  }
}
