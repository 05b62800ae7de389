/** Causal attention in WGSL: one invocation a row, keys and values (or queries) passing by in tiles of workgroup memory. */
import type { Shader } from './shader.ts';

const sizes = ['T', 'heads', 'keyValueHeads', 'window'];
const tile = 16;

/** to = scale · R(x), rotated forwards (direction 1) or back (−1); one invocation a pair. */
export const rotateShader: Shader = {
  name: 'rotate',
  buffers: { x: 'f32', cos: 'f32', sin: 'f32', to: 'write f32' },
  integers: ['count', 'T', 'heads', 'half'],
  floats: ['direction', 'scale'],
  body: `
  let pair = row(group) * 64 + lane;
  if (pair < u.count) {
    let j = pair % u.half;
    let head = pair / u.half;
    let angle = ((head / u.heads) % u.T) * u.half + j;
    let at = head * 2 * u.half + j;
    let c = cos[angle] * u.scale;
    let s = sin[angle] * u.direction * u.scale;
    let a = x[at];
    let b = x[at + u.half];
    to[at] = a * c - b * s;
    to[at + u.half] = b * c + a * s;
  }`,
};

/** Vectors of four where headDim allows, numbers otherwise. */
interface Lanes {
  readonly type: 'vec4f' | 'f32';
  /** Elements of a head. */
  readonly n: number;
  readonly dot: (a: string, b: string) => string;
}

const lanes = (headDim: number): Lanes =>
  headDim % 4 === 0
    ? { type: 'vec4f', n: headDim / 4, dot: (a, b) => `dot(${a}, ${b})` }
    : { type: 'f32', n: headDim, dot: (a, b) => `${a} * ${b}` };

/** The opening every shader shares: which row of which head this invocation has. */
const opening = (headsName: string, { n }: Lanes): string => `
  let entry = i32(group.y);
  let b = entry / u.${headsName};
  let head = entry % u.${headsName};
  let D = u.heads * ${n};
  let E = u.keyValueHeads * ${n};
  let share = u.heads / u.keyValueHeads;
  let first = i32(group.x) * 64;
  let i = first + lane;`;

const loadTile = (name: string, from: string, { n }: Lanes): string => `
      for (var e = lane; e < ${tile * n}; e += 64) {
        let t = start + e / ${n};
        if (t < u.T) { ${name}[e] = ${from}; }
      }`;

/** Queries against keys up to the diagonal, softmax kept up to date as keys pass (Milakov and Gimelshein 2018). */
export function attentionShader(headDim: number): Shader {
  const l = lanes(headDim);
  const { n, type } = l;
  const write = `write ${type}` as const;
  return {
    name: `attention-${headDim}`,
    buffers: { query: type, key: type, value: type, y: write, logSums: 'write f32' },
    integers: sizes,
    declarations: `var<workgroup> keys: array<${type}, ${tile * n}>;\nvar<workgroup> values: array<${type}, ${tile * n}>;`,
    body: `${opening('heads', l)}
  let g = head / share;
  var q: array<${type}, ${n}>;
  var sum: array<${type}, ${n}>;
  if (i < u.T) { for (var c = 0; c < ${n}; c++) { q[c] = query[(b * u.T + i) * D + head * ${n} + c]; } }
  var top = -3.4e38;
  var weight = 0.0;
  for (var start = max(0, first - u.window + 1) / ${tile} * ${tile}; start < min(u.T, first + 64); start += ${tile}) {
      workgroupBarrier();${loadTile('keys', `key[(b * u.T + t) * E + g * ${n} + e % ${n}]`, l)}${loadTile('values', `value[(b * u.T + t) * E + g * ${n} + e % ${n}]`, l)}
      workgroupBarrier();
      for (var j = start; j < min(start + ${tile}, u.T); j++) {
        if (i < u.T && j <= i && j > i - u.window) {
          let at = (j - start) * ${n};
          var score = 0.0;
          for (var c = 0; c < ${n}; c++) { score += ${l.dot('q[c]', 'keys[at + c]')}; }
          let higher = max(top, score);
          let fade = exp(top - higher);
          let p = exp(score - higher);
          top = higher;
          weight = weight * fade + p;
          for (var c = 0; c < ${n}; c++) { sum[c] = sum[c] * fade + p * values[at + c]; }
        }
      }
  }
  if (i < u.T) {
    for (var c = 0; c < ${n}; c++) { y[(b * u.T + i) * D + head * ${n} + c] = sum[c] / weight; }
    logSums[entry * u.T + i] = top + log(weight);
  }`,
  };
}

/** inner[head, i] = dy · y: what the softmax's gradient subtracts from each row. */
export const innerShader: Shader = {
  name: 'attention-inner',
  buffers: { y: 'f32', dy: 'f32', inner: 'write f32' },
  integers: ['count', 'T', 'heads', 'headDim'],
  body: `
  let n = row(group) * 64 + lane;
  if (n < u.count) {
    let at = ((n / u.T / u.heads * u.T + n % u.T) * u.heads + n / u.T % u.heads) * u.headDim;
    var sum = 0.0;
    for (var c = 0; c < u.headDim; c++) { sum = fma(y[at + c], dy[at + c], sum); }
    inner[n] = sum;
  }`,
};

/** dQuery (still rotated): one invocation a query, keys and values passing by. */
export function queryGradientShader(headDim: number): Shader {
  const l = lanes(headDim);
  const { n, type } = l;
  const write = `write ${type}` as const;
  return {
    name: `attention-query-gradient-${headDim}`,
    buffers: { query: type, key: type, value: type, dy: type, logSums: 'f32', inner: 'f32', dQuery: write },
    integers: sizes,
    declarations: `var<workgroup> keys: array<${type}, ${tile * n}>;\nvar<workgroup> values: array<${type}, ${tile * n}>;`,
    body: `${opening('heads', l)}
  let g = head / share;
  var q: array<${type}, ${n}>;
  var d: array<${type}, ${n}>;
  var sum: array<${type}, ${n}>;
  var logSum = 0.0;
  var mean = 0.0;
  if (i < u.T) {
    logSum = logSums[entry * u.T + i];
    mean = inner[entry * u.T + i];
    for (var c = 0; c < ${n}; c++) {
      let at = (b * u.T + i) * D + head * ${n} + c;
      q[c] = query[at];
      d[c] = dy[at];
    }
  }
  for (var start = max(0, first - u.window + 1) / ${tile} * ${tile}; start < min(u.T, first + 64); start += ${tile}) {
      workgroupBarrier();${loadTile('keys', `key[(b * u.T + t) * E + g * ${n} + e % ${n}]`, l)}${loadTile('values', `value[(b * u.T + t) * E + g * ${n} + e % ${n}]`, l)}
      workgroupBarrier();
      for (var j = start; j < min(start + ${tile}, u.T); j++) {
        if (i < u.T && j <= i && j > i - u.window) {
          let at = (j - start) * ${n};
          var score = 0.0;
          var slope = 0.0;
          for (var c = 0; c < ${n}; c++) { score += ${l.dot('q[c]', 'keys[at + c]')}; slope += ${l.dot('d[c]', 'values[at + c]')}; }
          let change = exp(score - logSum) * (slope - mean);
          for (var c = 0; c < ${n}; c++) { sum[c] = sum[c] + change * keys[at + c]; }
        }
      }
  }
  if (i < u.T) { for (var c = 0; c < ${n}; c++) { dQuery[(b * u.T + i) * D + head * ${n} + c] = sum[c]; } }`,
  };
}

/** dKey (still rotated) and dValue: one invocation a key, the queries of each head that shares it passing by in order. */
export function keyGradientShader(headDim: number): Shader {
  const l = lanes(headDim);
  const { n, type } = l;
  const write = `write ${type}` as const;
  return {
    name: `attention-key-gradient-${headDim}`,
    buffers: {
      query: type,
      key: type,
      value: type,
      dy: type,
      logSums: 'f32',
      inner: 'f32',
      dKey: write,
      dValue: write,
    },
    integers: sizes,
    declarations: `var<workgroup> queries: array<${type}, ${tile * n}>;\nvar<workgroup> upstream: array<${type}, ${tile * n}>;`,
    body: `${opening('keyValueHeads', l)}
  var k: array<${type}, ${n}>;
  var v: array<${type}, ${n}>;
  var dk: array<${type}, ${n}>;
  var dv: array<${type}, ${n}>;
  if (i < u.T) {
    for (var c = 0; c < ${n}; c++) {
      let at = (b * u.T + i) * E + head * ${n} + c;
      k[c] = key[at];
      v[c] = value[at];
    }
  }
  let end = select(u.T, min(u.T, first + 63 + u.window), u.window < u.T);
  for (var h = head * share; h < (head + 1) * share; h++) {
    for (var start = first / ${tile} * ${tile}; start < end; start += ${tile}) {
      workgroupBarrier();${loadTile('queries', `query[(b * u.T + t) * D + h * ${n} + e % ${n}]`, l)}${loadTile('upstream', `dy[(b * u.T + t) * D + h * ${n} + e % ${n}]`, l)}
      workgroupBarrier();
      for (var j = start; j < min(start + ${tile}, u.T); j++) {
        if (i < u.T && i <= j && i > j - u.window) {
          let at = (j - start) * ${n};
          let origin = (b * u.heads + h) * u.T + j;
          var score = 0.0;
          var slope = 0.0;
          for (var c = 0; c < ${n}; c++) { score += ${l.dot('k[c]', 'queries[at + c]')}; slope += ${l.dot('v[c]', 'upstream[at + c]')}; }
          let p = exp(score - logSums[origin]);
          let change = p * (slope - inner[origin]);
          for (var c = 0; c < ${n}; c++) { dk[c] = dk[c] + change * queries[at + c]; dv[c] = dv[c] + p * upstream[at + c]; }
        }
      }
    }
  }
  if (i < u.T) {
    for (var c = 0; c < ${n}; c++) {
      let at = (b * u.T + i) * E + head * ${n} + c;
      dKey[at] = dk[c];
      dValue[at] = dv[c];
    }
  }`,
  };
}
