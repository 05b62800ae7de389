/** Log-probabilities of one token a row, and their gradient. */
import { at, exp1, exp4, log1, max4, numbers, sum4 } from './math';

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
  const k = numbers();
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
      s = f32x4.add(s, exp4(f32x4.sub(v128.load(at(x, j)), tops), k));
      s2 = f32x4.add(s2, exp4(f32x4.sub(v128.load(at(x, j), 16), tops), k));
    }
    v128.store(scratch, s);
    v128.store(scratch, s2, 16);
    let sum = sum4(f32x4.add(v128.load(scratch), v128.load(scratch, 16)));
    for (; j < V; j++) sum += exp1(load<f32>(at(x, j)) - top, k);
    const logSum = top + log1(sum);
    store<f32>(at(p.logSums, i), logSum);
    store<f32>(at(p.logps, i), load<f32>(at(x, load<i32>(at(p.targets, i)))) - logSum);
  }
}

/** dLogits[v] = dy · ([v = target] − exp(logits[v] − logSum)); may write over the logits. A target of −1 is none of these columns. */
export function logpsGradientTask(task: i32, p: Logps): void {
  const V = p.V;
  const k = numbers();
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
      const u = f32x4.mul(minus, exp4(f32x4.sub(v128.load(x + o), sums), k));
      const v = f32x4.mul(minus, exp4(f32x4.sub(v128.load(x + o, 16), sums), k));
      v128.store(dx + o, u);
      v128.store(dx + o, v, 16);
    }
    for (; j < V; j++) store<f32>(at(dx, j), -dy * exp1(load<f32>(at(x, j)) - logSum, k));
    const target = load<i32>(at(p.targets, i));
    if (target < 0) continue;
    const picked = at(dx, target);
    store<f32>(picked, load<f32>(picked) + dy);
  }
}
