/** AdamW, in place or into fresh memory. */
import { at } from './math';

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

export function adamwTask(task: i32, p: Adamw): void {
  const param = p.param, gradient = p.gradient, first = p.first, second = p.second;
  const toParam = p.toParam, toFirst = p.toFirst, toSecond = p.toSecond;
  const beta1 = f32x4.splat(p.beta1), beta2 = f32x4.splat(p.beta2);
  const share1 = f32x4.splat(p.oneMinusBeta1), share2 = f32x4.splat(p.oneMinusBeta2);
  const keep = f32x4.splat(p.keep), rate = f32x4.splat(p.rate);
  const correction = f32x4.splat(p.correction), epsilon = f32x4.splat(p.epsilon);
  const to = min(p.count, (task + 1) * p.step);
  let j = task * p.step;
  for (; j + 8 <= to; j += 8) {
    const o = at(0, j);
    const g = v128.load(gradient + o);
    const g2 = v128.load(gradient + o, 16);
    const m = f32x4.add(f32x4.mul(v128.load(first + o), beta1), f32x4.mul(g, share1));
    const m2 = f32x4.add(f32x4.mul(v128.load(first + o, 16), beta1), f32x4.mul(g2, share1));
    const v = f32x4.add(f32x4.mul(v128.load(second + o), beta2), f32x4.mul(f32x4.mul(g, g), share2));
    const v2 = f32x4.add(f32x4.mul(v128.load(second + o, 16), beta2), f32x4.mul(f32x4.mul(g2, g2), share2));
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(v), correction), epsilon);
    const deviation2 = f32x4.add(f32x4.mul(f32x4.sqrt(v2), correction), epsilon);
    const y = f32x4.sub(f32x4.mul(v128.load(param + o), keep), f32x4.mul(f32x4.div(m, deviation), rate));
    const y2 = f32x4.sub(f32x4.mul(v128.load(param + o, 16), keep), f32x4.mul(f32x4.div(m2, deviation2), rate));
    v128.store(toFirst + o, m);
    v128.store(toFirst + o, m2, 16);
    v128.store(toSecond + o, v);
    v128.store(toSecond + o, v2, 16);
    v128.store(toParam + o, y);
    v128.store(toParam + o, y2, 16);
  }
  for (; j < to; j++) {
    const g = load<f32>(at(gradient, j));
    const m = load<f32>(at(first, j)) * p.beta1 + g * p.oneMinusBeta1;
    const v = load<f32>(at(second, j)) * p.beta2 + g * g * p.oneMinusBeta2;
    const change = (m / (Mathf.sqrt(v) * p.correction + p.epsilon)) * p.rate;
    store<f32>(at(toFirst, j), m);
    store<f32>(at(toSecond, j), v);
    store<f32>(at(toParam, j), load<f32>(at(param, j)) * p.keep - change);
  }
}
