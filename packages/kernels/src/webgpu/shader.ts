/** Writing and running compute shaders. */
import type { TensorHandle, WebgpuDevice } from '@svo/tensor';

/** One shader: its buffers by name, its uniforms by name, and the statements of `main`. */
export interface Shader {
  readonly name: string;
  /** Buffers in binding order: name → WGSL element type, with `write` for new tensors and `update` for those changed in place. */
  readonly buffers: Readonly<
    Record<string, 'f32' | 'i32' | 'u32' | 'vec4f' | 'write f32' | 'write vec4f' | 'update f32'>
  >;
  readonly integers?: readonly string[];
  readonly floats?: readonly string[];
  /** Invocations of a workgroup; default 64. */
  readonly size?: number;
  /** Does it call `total` or `largest`? */
  readonly reduces?: boolean;
  /** Module-scope declarations: functions and workgroup memory. */
  readonly declarations?: string;
  /** Statements of `main(group: vec3u, lane: i32)`. Sizes are read as `u.name`. */
  readonly body: string;
}

/** Workgroups along x before a grid folds into y. */
const gridWidth = 32_768;

/** A grid of `count` workgroups; the shader numbers them with `row()`. */
export const grid = (count: number): [number, number, number] => [
  Math.min(count, gridWidth),
  Math.ceil(count / gridWidth),
  1,
];

/** The WGSL text of a shader; with `subgroups`, for devices that have them. */
function wgsl(shader: Shader, subgroups = false): string {
  const { name, buffers, integers = [], floats = [], size = 64, reduces = false, declarations = '', body } = shader;
  const grouped = reduces && subgroups;
  const bound = Object.entries(buffers).map(([buffer, type], binding) => {
    const [element, access] = type.includes(' ') ? [type.split(' ')[1], 'read_write'] : [type, 'read'];
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${buffer}: array<${element}>;`;
  });
  const fields = [...integers.map((field) => `${field}: i32`), ...floats.map((field) => `${field}: f32`)];
  const reductions = ['var<workgroup> shelf: array<f32, 64>;', ...(grouped ? subgroupReductions : treeReductions)];
  return `${grouped ? 'enable subgroups;\nvar<private> subgroupLane: u32;\nvar<private> subgroupWidth: u32;' : ''}
// ${name}
struct Uniforms { ${fields.join(', ')} }
${bound.join('\n')}
@group(0) @binding(${bound.length}) var<uniform> u: Uniforms;
fn row(group: vec3u) -> i32 { return i32(group.x) + i32(group.y) * ${gridWidth}; }
${reduces ? reductions.join('\n') : ''}
${declarations}
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) invocation: u32${grouped ? ', @builtin(subgroup_invocation_id) ownLane: u32, @builtin(subgroup_size) ownWidth: u32' : ''}) {
  let lane = i32(invocation);
${grouped ? '  subgroupLane = ownLane;\n  subgroupWidth = ownWidth;' : ''}
${body}
}`;
}

/** Runs a shader: tensors in the order of its buffers, numbers in the order of its uniforms. */
export function runShader(
  device: WebgpuDevice,
  shader: Shader,
  tensors: readonly TensorHandle[],
  numbers: readonly number[],
  workgroups: readonly [number, number, number],
): void {
  const integers = shader.integers?.length ?? 0;
  const access = Object.values(shader.buffers);
  device.run({
    key: shader.name,
    code: wgsl(shader, device.features.has('subgroups')),
    buffers: tensors,
    updated: tensors.filter((_, i) => access[i]!.startsWith('update ')),
    uniforms: numbers.map((value, i) => ({ type: i < integers ? 'int32' : 'float32', data: [value] })),
    workgroups,
  });
}

/** `total(value, lane)` and `largest(value, lane)` over the 64 invocations of a workgroup, in a fixed order. */
const treeReductions = ['total', 'largest'].map((name) => {
  const combine = (a: string, b: string): string => (name === 'total' ? `${a} + ${b}` : `max(${a}, ${b})`);
  return `fn ${name}(value: f32, lane: i32) -> f32 {
  shelf[lane] = value;
  workgroupBarrier();
  for (var half = 32; half > 0; half = half >> 1u) {
    if (lane < half) { shelf[lane] = ${combine('shelf[lane]', 'shelf[lane + half]')}; }
    workgroupBarrier();
  }
  let all = shelf[0];
  workgroupBarrier();
  return all;
}`;
});

/** The same where invocations of a subgroup can add up in registers: one barrier pair instead of seven. */
const subgroupReductions = ['total', 'largest'].map(
  (name) => `fn ${name}(value: f32, lane: i32) -> f32 {
  let part = ${name === 'total' ? 'subgroupAdd' : 'subgroupMax'}(value);
  if (subgroupLane == 0u) { shelf[u32(lane) / subgroupWidth] = part; }
  workgroupBarrier();
  var all = shelf[0];
  for (var i = 1u; i < 64u / subgroupWidth; i++) { all = ${name === 'total' ? 'all + shelf[i]' : 'max(all, shelf[i])'}; }
  workgroupBarrier();
  return all;
}`,
);
