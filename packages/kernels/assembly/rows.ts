/** Operations that treat each row on its own: RMSNorm, SwiGLU, token log-probability, embedding, AdamW, sums. */
import { at, exp1, exp4, fma, fma1, log1, max4, sum4 } from './math';
import { awaitFirst, finishFirst } from './threads';

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

/** Σ x[j] · y[j]; `scratch` takes the two running sums side by side so that they can share a wide register. */
function dot(x: usize, y: usize, n: i32, scratch: usize): f32 {
  let s = f32x4.splat(0);
  let t = s;
  let j: i32 = 0;
  for (; j + 8 <= n; j += 8) {
    const p = at(x, j);
    const q = at(y, j);
    s = fma(v128.load(p), v128.load(q), s);
    t = fma(v128.load(p, 16), v128.load(q, 16), t);
  }
  v128.store(scratch, s);
  v128.store(scratch, t, 16);
  let sum = sum4(f32x4.add(v128.load(scratch), v128.load(scratch, 16)));
  for (; j < n; j++) sum = fma1(load<f32>(at(x, j)), load<f32>(at(y, j)), sum);
  return sum;
}

export function normTask(task: i32, p: Norm, scratch: usize): void {
  const D = p.D;
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
      v128.store(y + o, f32x4.mul(f32x4.mul(v128.load(x + o), scale), v128.load(p.weight + o)));
      v128.store(y + o, f32x4.mul(f32x4.mul(v128.load(x + o, 16), scale), v128.load(p.weight + o, 16)), 16);
    }
    for (; j < D; j++) store<f32>(at(y, j), load<f32>(at(x, j)) * inverse * load<f32>(at(p.weight, j)));
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
      v128.store(dx + o, f32x4.mul(d, v128.load(p.weight + o)));
      v128.store(dx + o, f32x4.mul(e, v128.load(p.weight + o, 16)), 16);
      v128.store(part + o, fma(f32x4.mul(v128.load(x + o), scale), d, v128.load(part + o)));
      v128.store(part + o, fma(f32x4.mul(v128.load(x + o, 16), scale), e, v128.load(part + o, 16)), 16);
    }
    for (; j < D; j++) {
      const d = load<f32>(at(dy, j));
      store<f32>(at(dx, j), d * load<f32>(at(p.weight, j)));
      store<f32>(at(part, j), load<f32>(at(part, j)) + load<f32>(at(x, j)) * inverse * d);
    }
    const factor: f32 = (-dot(x, dx, D, scratch) * inverse * inverse * inverse) / (D as f32);
    const factors = f32x4.splat(factor);
    for (j = 0; j + 8 <= D; j += 8) {
      const o = at(0, j);
      v128.store(dx + o, fma(v128.load(x + o), factors, f32x4.mul(v128.load(dx + o), scale)));
      v128.store(dx + o, fma(v128.load(x + o, 16), factors, f32x4.mul(v128.load(dx + o, 16), scale)), 16);
    }
    for (; j < D; j++) store<f32>(at(dx, j), load<f32>(at(x, j)) * factor + load<f32>(at(dx, j)) * inverse);
  }
  finishFirst(control);
}

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

@unmanaged
export class Logps {
  rows: i32;
  V: i32;
  step: i32;
  logits: usize;
  targets: usize;
  logps: usize;
  logSums: usize;
  dy: usize;
  dLogits: usize;
}

/** logps = logits[target] − logSums; logSums = max + ln Σ exp(logits − max). */
export function logpsTask(task: i32, p: Logps, scratch: usize): void {
  const V = p.V;
  const to = min(p.rows, (task + 1) * p.step);
  for (let i = task * p.step; i < to; i++) {
    const x = at(p.logits, i * V);
    let m = f32x4.splat(-Infinity);
    let m2 = m;
    let j: i32 = 0;
    for (; j + 8 <= V; j += 8) {
      m = f32x4.pmax(m, v128.load(at(x, j)));
      m2 = f32x4.pmax(m2, v128.load(at(x, j), 16));
    }
    v128.store(scratch, m);
    v128.store(scratch, m2, 16);
    let top = max4(f32x4.pmax(v128.load(scratch), v128.load(scratch, 16)));
    for (; j < V; j++) top = max(top, load<f32>(at(x, j)));
    const tops = f32x4.splat(top);
    let s = f32x4.splat(0);
    let s2 = s;
    for (j = 0; j + 8 <= V; j += 8) {
      s = f32x4.add(s, exp4(f32x4.sub(v128.load(at(x, j)), tops)));
      s2 = f32x4.add(s2, exp4(f32x4.sub(v128.load(at(x, j), 16), tops)));
    }
    v128.store(scratch, s);
    v128.store(scratch, s2, 16);
    let sum = sum4(f32x4.add(v128.load(scratch), v128.load(scratch, 16)));
    for (; j < V; j++) sum += exp1(load<f32>(at(x, j)) - top);
    const logSum = top + log1(sum);
    store<f32>(at(p.logSums, i), logSum);
    store<f32>(at(p.logps, i), load<f32>(at(x, load<i32>(at(p.targets, i)))) - logSum);
  }
}

/** dLogits[v] = dy · ([v = target] − exp(logits[v] − logSum)); may write over the logits. */
export function logpsGradientTask(task: i32, p: Logps): void {
  const V = p.V;
  const to = min(p.rows, (task + 1) * p.step);
  for (let i = task * p.step; i < to; i++) {
    const x = at(p.logits, i * V);
    const dx = at(p.dLogits, i * V);
    const dy = load<f32>(at(p.dy, i));
    const logSum = load<f32>(at(p.logSums, i));
    const minus = f32x4.splat(-dy);
    const sums = f32x4.splat(logSum);
    let j: i32 = 0;
    for (; j + 8 <= V; j += 8) {
      const o = at(0, j);
      v128.store(dx + o, f32x4.mul(minus, exp4(f32x4.sub(v128.load(x + o), sums))));
      v128.store(dx + o, f32x4.mul(minus, exp4(f32x4.sub(v128.load(x + o, 16), sums))), 16);
    }
    for (; j < V; j++) store<f32>(at(dx, j), -dy * exp1(load<f32>(at(x, j)) - logSum));
    const target = at(dx, load<i32>(at(p.targets, i)));
    store<f32>(target, load<f32>(target) + dy);
  }
}

@unmanaged
export class Table {
  count: i32;
  V: i32;
  D: i32;
  /** Rows a gathering task handles, or columns a scattering one. */
  step: i32;
  ids: usize;
  table: usize;
  rows: usize;
}

export function gatherTask(task: i32, p: Table): void {
  const to = min(p.count, (task + 1) * p.step);
  const bytes = (p.D as usize) << 2;
  for (let i = task * p.step; i < to; i++)
    memory.copy(p.rows + bytes * i, p.table + bytes * load<i32>(at(p.ids, i)), bytes);
}

/** The table's gradient. A task owns a range of columns and walks all rows in order: no two threads meet, and the sums' order is fixed. */
export function scatterTask(task: i32, p: Table): void {
  const from = task * p.step;
  const width = min(p.D, from + p.step) - from;
  for (let v: i32 = 0; v < p.V; v++) memory.fill(at(p.table, v * p.D + from), 0, (width as usize) << 2);
  for (let i: i32 = 0; i < p.count; i++) {
    const to = at(p.table, load<i32>(at(p.ids, i)) * p.D + from);
    const row = at(p.rows, i * p.D + from);
    let j: i32 = 0;
    for (; j + 4 <= width; j += 4) v128.store(at(to, j), f32x4.add(v128.load(at(to, j)), v128.load(at(row, j))));
    for (; j < width; j++) store<f32>(at(to, j), load<f32>(at(to, j)) + load<f32>(at(row, j)));
  }
}

@unmanaged
export class Adamw {
  count: i32;
  step: i32;
  param: usize;
  gradient: usize;
  first: usize;
  second: usize;
  toParam: usize;
  toFirst: usize;
  toSecond: usize;
  beta1: f32;
  beta2: f32;
  oneMinusBeta1: f32;
  oneMinusBeta2: f32;
  /** 1 − η · decay */
  keep: f32;
  /** η / (1 − β₁ᵗ) */
  rate: f32;
  /** 1 / √(1 − β₂ᵗ) */
  correction: f32;
  epsilon: f32;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function adamwFour(p: Adamw, o: usize): void {
  const g = v128.load(p.gradient + o);
  const m = f32x4.add(f32x4.mul(v128.load(p.first + o), f32x4.splat(p.beta1)), f32x4.mul(g, f32x4.splat(p.oneMinusBeta1)));
  const v = f32x4.add(
    f32x4.mul(v128.load(p.second + o), f32x4.splat(p.beta2)),
    f32x4.mul(f32x4.mul(g, g), f32x4.splat(p.oneMinusBeta2)),
  );
  const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(p.correction)), f32x4.splat(p.epsilon));
  const change = f32x4.mul(f32x4.div(m, deviation), f32x4.splat(p.rate));
  v128.store(p.toFirst + o, m);
  v128.store(p.toSecond + o, v);
  v128.store(p.toParam + o, f32x4.sub(f32x4.mul(v128.load(p.param + o), f32x4.splat(p.keep)), change));
}

export function adamwTask(task: i32, p: Adamw): void {
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 4 <= to; j += 4) adamwFour(p, at(0, j));
  for (; j < to; j++) {
    const g = load<f32>(at(p.gradient, j));
    const m = load<f32>(at(p.first, j)) * p.beta1 + g * p.oneMinusBeta1;
    const v = load<f32>(at(p.second, j)) * p.beta2 + g * g * p.oneMinusBeta2;
    const change = (m / (Mathf.sqrt(v) * p.correction + p.epsilon)) * p.rate;
    store<f32>(at(p.toFirst, j), m);
    store<f32>(at(p.toSecond, j), v);
    store<f32>(at(p.toParam, j), load<f32>(at(p.param, j)) * p.keep - change);
  }
}
