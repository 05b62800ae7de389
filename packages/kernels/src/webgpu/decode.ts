/** Attention of one new token a row against a cache, in WGSL. */
import type { Shader } from './shader.ts';

/** Writes the new token's rotated keys and its values into the caches: one invocation a pair of elements. */
export const cacheShader: Shader = {
  name: 'cache-write',
  buffers: {
    key: 'f32',
    value: 'f32',
    positions: 'i32',
    cos: 'f32',
    sin: 'f32',
    keyCache: 'update f32',
    valueCache: 'update f32',
  },
  integers: ['count', 'room', 'keyValueHeads', 'half'],
  body: `
  let pair = row(group) * 64 + lane;
  if (pair < u.count) {
    let j = pair % u.half;
    let head = pair / u.half;
    let r = head / u.keyValueHeads;
    let position = positions[r];
    let c = cos[position * u.half + j];
    let s = sin[position * u.half + j];
    let origin = head * 2 * u.half + j;
    let to = ((r * u.room + position) * u.keyValueHeads + head % u.keyValueHeads) * 2 * u.half + j;
    keyCache[to] = key[origin] * c - key[origin + u.half] * s;
    keyCache[to + u.half] = key[origin + u.half] * c + key[origin] * s;
    valueCache[to] = value[origin];
    valueCache[to + u.half] = value[origin + u.half];
  }`,
};

/** One workgroup a head: 64 positions at a time, the softmax kept up to date, each invocation summing its own columns. */
export function decodeShader(headDim: number): Shader {
  const columns = Math.ceil(headDim / 64);
  return {
    name: `decode-${headDim}`,
    buffers: {
      query: 'f32',
      keyCache: 'f32',
      valueCache: 'f32',
      positions: 'i32',
      cos: 'f32',
      sin: 'f32',
      y: 'write f32',
    },
    integers: ['room', 'heads', 'keyValueHeads', 'window'],
    floats: ['scale'],
    reduces: true,
    declarations: `var<workgroup> q: array<f32, ${headDim}>;\nvar<workgroup> weights: array<f32, 64>;\nvar<workgroup> bounds: vec2i;`,
    body: `
  let entry = row(group);
  let r = entry / u.heads;
  let g = (entry % u.heads) / (u.heads / u.keyValueHeads);
  let position = positions[r];
  for (var c = lane; c < ${headDim}; c += 64) {
    let j = c % ${headDim / 2};
    let angle = position * ${headDim / 2} + j;
    let a = query[entry * ${headDim} + j];
    let b = query[entry * ${headDim} + j + ${headDim / 2}];
    q[c] = u.scale * select(b * cos[angle] + a * sin[angle], a * cos[angle] - b * sin[angle], c < ${headDim / 2});
  }
  // Loop bounds come from a buffer; barriers inside the loop need them proven equal across the workgroup.
  if (lane == 0) { bounds = vec2i(max(0, position - u.window + 1), position + 1); }
  workgroupBarrier();
  var sums: array<f32, ${columns}>;
  var top = -3.4e38;
  var weight = 0.0;
  let begin = workgroupUniformLoad(&bounds).x;
  let end = workgroupUniformLoad(&bounds).y;
  for (var start = begin; start < end; start += 64) {
    let t = start + lane;
    var score = -3.4e38;
    if (t < end) {
      score = 0.0;
      let at = ((r * u.room + t) * u.keyValueHeads + g) * ${headDim};
      for (var c = 0; c < ${headDim}; c++) { score = fma(q[c], keyCache[at + c], score); }
    }
    let higher = max(top, largest(score, lane));
    let p = select(0.0, exp(score - higher), t < end);
    weights[lane] = p;
    let fade = exp(top - higher);
    weight = weight * fade + total(p, lane);
    top = higher;
    for (var k = 0; k < ${columns}; k++) {
      let c = lane + k * 64;
      if (c < ${headDim}) {
        var sum = sums[k] * fade;
        for (var j = 0; j < min(64, end - start); j++) {
          sum = fma(weights[j], valueCache[((r * u.room + start + j) * u.keyValueHeads + g) * ${headDim} + c], sum);
        }
        sums[k] = sum;
      }
    }
    workgroupBarrier();
  }
  for (var k = 0; k < ${columns}; k++) {
    let c = lane + k * 64;
    if (c < ${headDim}) { y[entry * ${headDim} + c] = sums[k] / weight; }
  }`,
  };
}
