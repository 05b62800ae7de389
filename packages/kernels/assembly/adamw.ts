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
