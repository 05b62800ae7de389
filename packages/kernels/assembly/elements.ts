/** Elementwise operations: SwiGLU and its gradient, sums, products. */
import { at, exp1, exp4 } from './math';

/** Elementwise operations: `step` floats a task. */
@unmanaged
export class Elements {
  count: i32;
  step: i32;
  a: usize;
  b: usize;
  c: usize;
  d: usize;
  e: usize;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function silu4(x: v128): v128 {
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** c = a σ(a) b. */
export function swigluTask(task: i32, p: Elements): void {
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    v128.store(p.c + o, f32x4.mul(silu4(v128.load(p.a + o)), v128.load(p.b + o)));
    v128.store(p.c + o, f32x4.mul(silu4(v128.load(p.a + o, 16)), v128.load(p.b + o, 16)), 16);
  }
  for (; j < to; j++) {
    const a = load<f32>(at(p.a, j));
    store<f32>(at(p.c, j), (a / (1 + exp1(-a))) * load<f32>(at(p.b, j)));
  }
}

/** d = dGate, e = dUp, from a = gate, b = up, c = dy. */
export function swigluGradientTask(task: i32, p: Elements): void {
  const one = f32x4.splat(1);
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const a = v128.load(p.a + o);
    const a2 = v128.load(p.a + o, 16);
    const s = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(a))));
    const s2 = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(a2))));
    const dy = v128.load(p.c + o);
    const dy2 = v128.load(p.c + o, 16);
    const silu = f32x4.mul(a, s);
    const silu2 = f32x4.mul(a2, s2);
    const slope = f32x4.mul(s, f32x4.add(one, f32x4.sub(a, silu)));
    const slope2 = f32x4.mul(s2, f32x4.add(one, f32x4.sub(a2, silu2)));
    v128.store(p.d + o, f32x4.mul(f32x4.mul(dy, v128.load(p.b + o)), slope));
    v128.store(p.d + o, f32x4.mul(f32x4.mul(dy2, v128.load(p.b + o, 16)), slope2), 16);
    v128.store(p.e + o, f32x4.mul(dy, silu));
    v128.store(p.e + o, f32x4.mul(dy2, silu2), 16);
  }
  for (; j < to; j++) {
    const a = load<f32>(at(p.a, j));
    const s: f32 = 1 / (1 + exp1(-a));
    const dy = load<f32>(at(p.c, j));
    store<f32>(at(p.d, j), dy * load<f32>(at(p.b, j)) * (s * (1 + (a - a * s))));
    store<f32>(at(p.e, j), dy * (a * s));
  }
}

/** c = a + b. */
export function addTask(task: i32, p: Elements): void {
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    v128.store(p.c + o, f32x4.add(v128.load(p.a + o), v128.load(p.b + o)));
    v128.store(p.c + o, f32x4.add(v128.load(p.a + o, 16), v128.load(p.b + o, 16)), 16);
  }
  for (; j < to; j++) store<f32>(at(p.c, j), load<f32>(at(p.a, j)) + load<f32>(at(p.b, j)));
}

/** c = a · b. */
export function multiplyTask(task: i32, p: Elements): void {
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    v128.store(p.c + o, f32x4.mul(v128.load(p.a + o), v128.load(p.b + o)));
    v128.store(p.c + o, f32x4.mul(v128.load(p.a + o, 16), v128.load(p.b + o, 16)), 16);
  }
  for (; j < to; j++) store<f32>(at(p.c, j), load<f32>(at(p.a, j)) * load<f32>(at(p.b, j)));
}
