/**
 * Elementwise operations: SwiGLU and its gradient, sums, products. Pointers are read from the arguments once: read again
 * after a store they could be others for all the compiler knows, and neighbouring vectors would not pair.
 */
import { at, exp1, exp4, numbers } from './math';

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
function silu4(x: v128, one: v128, k: usize): v128 {
  return f32x4.div(x, f32x4.add(one, exp4(f32x4.neg(x), k)));
}

/** c = a σ(a) b. */
export function swigluTask(task: i32, p: Elements): void {
  const k = numbers();
  const one = v128.load_splat<f32>(k, 48);
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  const a = p.a, b = p.b, c = p.c;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const y = f32x4.mul(silu4(v128.load(a + o), one, k), v128.load(b + o));
    const z = f32x4.mul(silu4(v128.load(a + o, 16), one, k), v128.load(b + o, 16));
    v128.store(c + o, y);
    v128.store(c + o, z, 16);
  }
  for (; j < to; j++) {
    const x = load<f32>(at(a, j));
    store<f32>(at(c, j), (x / (1 + exp1(-x, k))) * load<f32>(at(b, j)));
  }
}

/** d = dGate, e = dUp, from a = gate, b = up, c = dy. */
export function swigluGradientTask(task: i32, p: Elements): void {
  const k = numbers();
  const one = v128.load_splat<f32>(k, 48);
  const to = min(p.count, (task + 1) * p.step);
  const gate = p.a, up = p.b, dy = p.c, dGate = p.d, dUp = p.e;
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const a = v128.load(gate + o);
    const a2 = v128.load(gate + o, 16);
    const s = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(a), k)));
    const s2 = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(a2), k)));
    const d = v128.load(dy + o);
    const d2 = v128.load(dy + o, 16);
    const silu = f32x4.mul(a, s);
    const silu2 = f32x4.mul(a2, s2);
    const slope = f32x4.mul(s, f32x4.add(one, f32x4.sub(a, silu)));
    const slope2 = f32x4.mul(s2, f32x4.add(one, f32x4.sub(a2, silu2)));
    const g = f32x4.mul(f32x4.mul(d, v128.load(up + o)), slope);
    const g2 = f32x4.mul(f32x4.mul(d2, v128.load(up + o, 16)), slope2);
    v128.store(dGate + o, g);
    v128.store(dGate + o, g2, 16);
    v128.store(dUp + o, f32x4.mul(d, silu));
    v128.store(dUp + o, f32x4.mul(d2, silu2), 16);
  }
  for (; j < to; j++) {
    const a = load<f32>(at(gate, j));
    const s: f32 = 1 / (1 + exp1(-a, k));
    const d = load<f32>(at(dy, j));
    store<f32>(at(dGate, j), d * load<f32>(at(up, j)) * (s * (1 + (a - a * s))));
    store<f32>(at(dUp, j), d * (a * s));
  }
}

/** c = a + b. */
export function addTask(task: i32, p: Elements): void {
  const to = min(p.count, (task + 1) * p.step);
  const a = p.a, b = p.b, c = p.c;
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const y = f32x4.add(v128.load(a + o), v128.load(b + o));
    const z = f32x4.add(v128.load(a + o, 16), v128.load(b + o, 16));
    v128.store(c + o, y);
    v128.store(c + o, z, 16);
  }
  for (; j < to; j++) store<f32>(at(c, j), load<f32>(at(a, j)) + load<f32>(at(b, j)));
}

/** c = a · b. */
export function multiplyTask(task: i32, p: Elements): void {
  const to = min(p.count, (task + 1) * p.step);
  const a = p.a, b = p.b, c = p.c;
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const y = f32x4.mul(v128.load(a + o), v128.load(b + o));
    const z = f32x4.mul(v128.load(a + o, 16), v128.load(b + o, 16));
    v128.store(c + o, y);
    v128.store(c + o, z, 16);
  }
  for (; j < to; j++) store<f32>(at(c, j), load<f32>(at(a, j)) * load<f32>(at(b, j)));
}
