/** The numbers both sides of the kernels agree on; `jobs.test.ts` reads the other side's. */

/** Kinds of job: the list of `assembly/tasks.ts`. */
export const jobs = {
  product: 0,
  batch: 1,
  rows: 2,
  norm: 3,
  normGradient: 4,
  swiglu: 5,
  swigluGradient: 6,
  add: 7,
  multiply: 8,
  logps: 9,
  logpsGradient: 10,
  gather: 11,
  scatter: 12,
  adamw: 13,
  attention: 14,
  attentionGradient: 15,
  decode: 16,
  peak: 17,
  foreign: 18,
  unpack: 19,
  interleave: 20,
  interleaved: 21,
  quantize: 22,
  quantized: 23,
} as const;

export type Job = keyof typeof jobs;

/** Bytes of the control block, `assembly/control.ts`. */
export const controlBytes = 1024;

/** Where in it, in bytes, the host writes: the first thread's scratch, the bytes of each, a job's arguments. */
export const slots = { scratch: 392, scratchBytes: 396, values: 448 } as const;

const float = new Float32Array(1);
const asInteger = new Int32Array(float.buffer);

/** The bits of a float32, to pass it in a list of int32 arguments. */
export function floatBits(value: number): number {
  float[0] = value;
  return asInteger[0]!;
}
