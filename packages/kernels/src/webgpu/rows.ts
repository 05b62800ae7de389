/** Shaders that treat each row, or each element, on its own. */
import type { Shader } from './shader.ts';

/** y = x / √(mean x² + ε) · weight, one workgroup a row. */
export const norm: Shader = {
  name: 'norm',
  buffers: { x: 'f32', weight: 'f32', y: 'write f32', inverse: 'write f32' },
  integers: ['rows', 'D'],
  floats: ['epsilon'],
  reduces: true,
  body: `
  let n = row(group);
  if (n >= u.rows) { return; }
  var squares = 0.0;
  for (var j = lane; j < u.D; j += 64) { let v = x[n * u.D + j]; squares = fma(v, v, squares); }
  let scale = 1.0 / sqrt(total(squares, lane) / f32(u.D) + u.epsilon);
  for (var j = lane; j < u.D; j += 64) { y[n * u.D + j] = x[n * u.D + j] * scale * weight[j]; }
  if (lane == 0) { inverse[n] = scale; }`,
};

/** dx = inverse · (dy·w − x · inverse² · mean(x·dy·w)). */
export const normGradient: Shader = {
  name: 'norm-gradient',
  buffers: { x: 'f32', weight: 'f32', inverse: 'f32', dy: 'f32', dx: 'write f32' },
  integers: ['rows', 'D'],
  reduces: true,
  body: `
  let n = row(group);
  if (n >= u.rows) { return; }
  var inner = 0.0;
  for (var j = lane; j < u.D; j += 64) { let at = n * u.D + j; inner = fma(x[at] * dy[at], weight[j], inner); }
  let scale = inverse[n];
  let factor = -total(inner, lane) * scale * scale * scale / f32(u.D);
  for (var j = lane; j < u.D; j += 64) { let at = n * u.D + j; dx[at] = fma(x[at], factor, dy[at] * weight[j] * scale); }`,
};

/** dWeight[j] = Σ rows x · inverse · dy: one workgroup a column, rows in a fixed order. */
export const normWeightGradient: Shader = {
  name: 'norm-weight-gradient',
  buffers: { x: 'f32', inverse: 'f32', dy: 'f32', dWeight: 'write f32' },
  integers: ['rows', 'D'],
  reduces: true,
  body: `
  let j = row(group);
  if (j >= u.D) { return; }
  var sum = 0.0;
  for (var n = lane; n < u.rows; n += 64) { sum = fma(x[n * u.D + j] * inverse[n], dy[n * u.D + j], sum); }
  let all = total(sum, lane);
  if (lane == 0) { dWeight[j] = all; }`,
};

/** Row n of `logits [rows, V]`, one workgroup a row: logSum = log Σ exp logits[n]. */
export const rowLogSum: string = `
  let n = row(group);
  if (n >= u.rows) { return; }
  var top = -3.4e38;
  for (var j = lane; j < u.V; j += 64) { top = max(top, logits[n * u.V + j]); }
  let highest = largest(top, lane);
  var sum = 0.0;
  for (var j = lane; j < u.V; j += 64) { sum += exp(logits[n * u.V + j] - highest); }
  let logSum = highest + log(total(sum, lane));`;

/** logps[n] = logits[n, target] − logSums[n]. */
export const logps: Shader = {
  name: 'logps',
  buffers: { logits: 'f32', targets: 'i32', logps: 'write f32', logSums: 'write f32' },
  integers: ['rows', 'V'],
  reduces: true,
  body: `${rowLogSum}
  if (lane == 0) { logSums[n] = logSum; logps[n] = logits[n * u.V + targets[n]] - logSum; }`,
};

/** dLogits = dy · ([v = target] − exp(logits − logSum)). */
export const logpsGradient: Shader = {
  name: 'logps-gradient',
  buffers: { logits: 'f32', targets: 'i32', logSums: 'f32', dy: 'f32', dLogits: 'write f32' },
  integers: ['rows', 'V'],
  body: `
  let n = row(group);
  if (n >= u.rows) { return; }
  for (var j = lane; j < u.V; j += 64) {
    let at = n * u.V + j;
    dLogits[at] = dy[n] * (select(0.0, 1.0, j == targets[n]) - exp(logits[at] - logSums[n]));
  }`,
};

/** y = gate σ(gate) up. */
export const swiglu: Shader = {
  name: 'swiglu',
  buffers: { gate: 'f32', up: 'f32', y: 'write f32' },
  integers: ['count'],
  body: `
  let i = row(group) * 64 + lane;
  if (i < u.count) { let g = gate[i]; y[i] = g / (1.0 + exp(-g)) * up[i]; }`,
};

/** Both gradients of `swiglu`. */
export const swigluGradient: Shader = {
  name: 'swiglu-gradient',
  buffers: { gate: 'f32', up: 'f32', dy: 'f32', dGate: 'write f32', dUp: 'write f32' },
  integers: ['count'],
  body: `
  let i = row(group) * 64 + lane;
  if (i < u.count) {
    let g = gate[i];
    let sigma = 1.0 / (1.0 + exp(-g));
    dGate[i] = dy[i] * up[i] * sigma * (1.0 + g * (1.0 - sigma));
    dUp[i] = dy[i] * g * sigma;
  }`,
};

/** AdamW in place; see `adamwUpdate` for the formula. */
export const adamw: Shader = {
  name: 'adamw',
  buffers: { param: 'update f32', first: 'update f32', second: 'update f32', gradient: 'f32' },
  integers: ['count'],
  floats: ['beta1', 'beta2', 'oneMinusBeta1', 'oneMinusBeta2', 'keep', 'rate', 'correction', 'epsilon'],
  body: `
  let i = row(group) * 64 + lane;
  if (i < u.count) {
    let g = gradient[i];
    let m = first[i] * u.beta1 + g * u.oneMinusBeta1;
    let v = second[i] * u.beta2 + g * g * u.oneMinusBeta2;
    first[i] = m;
    second[i] = v;
    param[i] = param[i] * u.keep - m / (sqrt(v) * u.correction + u.epsilon) * u.rate;
  }`,
};

/**
 * The embedding table's gradient, without atomic additions whose order would vary: the first row with an id adds up all
 * rows that share it; `table` starts as zeros.
 */
export const scatter: Shader = {
  name: 'scatter',
  buffers: { ids: 'i32', dy: 'f32', table: 'write f32' },
  integers: ['count', 'D'],
  body: `
  let n = row(group);
  if (n >= u.count) { return; }
  let id = ids[n];
  for (var i = 0; i < n; i++) { if (ids[i] == id) { return; } }
  for (var i = n; i < u.count; i++) {
    if (ids[i] == id) { for (var j = lane; j < u.D; j += 64) { table[id * u.D + j] = table[id * u.D + j] + dy[i * u.D + j]; } }
  }`,
};

/** rows[n] = table[ids[n]]. */
export const gather: Shader = {
  name: 'gather',
  buffers: { ids: 'i32', table: 'f32', rows: 'write f32' },
  integers: ['count', 'D'],
  body: `
  let i = row(group) * 64 + lane;
  if (i < u.count) { rows[i] = table[ids[i / u.D] * u.D + i % u.D]; }`,
};

/** x = 0. */
export const clear: Shader = {
  name: 'clear',
  buffers: { x: 'write f32' },
  integers: ['count'],
  body: `
  let i = row(group) * 64 + lane;
  if (i < u.count) { x[i] = 0.0; }`,
};
