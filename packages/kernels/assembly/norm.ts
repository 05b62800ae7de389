/** RMSNorm and its gradient, row by row. */
import { awaitFirst, finishFirst } from './control';
import { at, dot, fma } from './math';

@unmanaged
export class Norm {
  rows: i32;
  D: i32;
  /** Rows a task handles. */
  step: i32;
  epsilon: f32;
  x: usize;
  weight: usize;
  y: usize;
  inverse: usize;
  dy: usize;
  dx: usize;
  /** [tasks, D]: each task's part of the weight's gradient. */
  partial: usize;
  dWeight: usize;
  rowTasks: i32;
}

export function normTask(task: i32, p: Norm, scratch: usize): void {
  const D = p.D;
  const weight = p.weight;
  const to = min(p.rows, (task + 1) * p.step);
  for (let i = task * p.step; i < to; i++) {
    const x = at(p.x, i * D);
    const y = at(p.y, i * D);
    const inverse: f32 = 1 / Mathf.sqrt(dot(x, x, D, scratch) / (D as f32) + p.epsilon);
    store<f32>(at(p.inverse, i), inverse);
    const scale = f32x4.splat(inverse);
    let j: i32 = 0;
    for (; j + 8 <= D; j += 8) {
      const o = at(0, j);
      const u = f32x4.mul(f32x4.mul(v128.load(x + o), scale), v128.load(weight + o));
      const w = f32x4.mul(f32x4.mul(v128.load(x + o, 16), scale), v128.load(weight + o, 16));
      v128.store(y + o, u);
      v128.store(y + o, w, 16);
    }
    for (; j < D; j++) store<f32>(at(y, j), load<f32>(at(x, j)) * inverse * load<f32>(at(weight, j)));
  }
}

/** dx = inverse · (dy·w − x · inverse² · mean(x·dy·w)); dWeight = Σ rows x · inverse · dy, block by block, then in order. */
export function normGradientTask(task: i32, p: Norm, scratch: usize, control: usize): void {
  const D = p.D;
  if (task >= p.rowTasks) {
    awaitFirst(control, p.rowTasks);
    const from = (task - p.rowTasks) * 64;
    const to = min(D, from + 64);
    for (let j = from; j < to; j++) {
      let sum: f32 = 0;
      for (let block: i32 = 0; block < p.rowTasks; block++) sum += load<f32>(at(p.partial, block * D + j));
      store<f32>(at(p.dWeight, j), sum);
    }
    return;
  }
  const weight = p.weight;
  const part = at(p.partial, task * D);
  memory.fill(part, 0, (D as usize) << 2);
  const to = min(p.rows, (task + 1) * p.step);
  for (let i = task * p.step; i < to; i++) {
    const x = at(p.x, i * D);
    const dy = at(p.dy, i * D);
    const dx = at(p.dx, i * D);
    const inverse = load<f32>(at(p.inverse, i));
    const scale = f32x4.splat(inverse);
    let j: i32 = 0;
    for (; j + 8 <= D; j += 8) {
      const o = at(0, j);
      const d = v128.load(dy + o);
      const e = v128.load(dy + o, 16);
      const u = fma(f32x4.mul(v128.load(x + o), scale), d, v128.load(part + o));
      const v = fma(f32x4.mul(v128.load(x + o, 16), scale), e, v128.load(part + o, 16));
      const s = f32x4.mul(d, v128.load(weight + o));
      const t = f32x4.mul(e, v128.load(weight + o, 16));
      v128.store(dx + o, s);
      v128.store(dx + o, t, 16);
      v128.store(part + o, u);
      v128.store(part + o, v, 16);
    }
    for (; j < D; j++) {
      const d = load<f32>(at(dy, j));
      store<f32>(at(dx, j), d * load<f32>(at(weight, j)));
      store<f32>(at(part, j), load<f32>(at(part, j)) + load<f32>(at(x, j)) * inverse * d);
    }
    const factor: f32 = (-dot(x, dx, D, scratch) * inverse * inverse * inverse) / (D as f32);
    const factors = f32x4.splat(factor);
    for (j = 0; j + 8 <= D; j += 8) {
      const o = at(0, j);
      const u = fma(v128.load(x + o), factors, f32x4.mul(v128.load(dx + o), scale));
      const v = fma(v128.load(x + o, 16), factors, f32x4.mul(v128.load(dx + o, 16), scale));
      v128.store(dx + o, u);
      v128.store(dx + o, v, 16);
    }
    for (; j < D; j++) store<f32>(at(dx, j), load<f32>(at(x, j)) * factor + load<f32>(at(dx, j)) * inverse);
  }
  finishFirst(control);
}
