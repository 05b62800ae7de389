/**
 * The operations in float64 over plain arrays, values and closed-form gradients, written from their formulas and sharing
 * nothing with the tensor versions. `dy` is the gradient that arrives at the output.
 */

export type Numbers = readonly number[];

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sum = (values: Numbers): number => values.reduce((a, b) => a + b, 0);

/** Value and gradients, in the order of the differentiable inputs. */
export interface Expected {
  readonly value: Numbers;
  readonly gradients: Numbers[];
}

/** y[n, m] = Σₖ x[n, k] w[m, k] + b[m]. */
export function linearReference(
  x: Numbers,
  w: Numbers,
  b: Numbers,
  dy: Numbers,
  [N, K, M]: [number, number, number],
): Expected {
  const value = indices(N * M).map((i) => {
    const [n, m] = [Math.floor(i / M), i % M];
    return sum(indices(K).map((k) => x[n * K + k]! * w[m * K + k]!)) + b[m]!;
  });
  const dx = indices(N * K).map((i) =>
    sum(indices(M).map((m) => dy[Math.floor(i / K) * M + m]! * w[m * K + (i % K)]!)),
  );
  const dw = indices(M * K).map((i) =>
    sum(indices(N).map((n) => dy[n * M + Math.floor(i / K)]! * x[n * K + (i % K)]!)),
  );
  return { value, gradients: [dx, dw, indices(M).map((m) => sum(indices(N).map((n) => dy[n * M + m]!)))] };
}

/** y[n] = weight[ids[n]]. */
export function embeddingReference(weight: Numbers, ids: Numbers, dy: Numbers, [V, D]: [number, number]): Expected {
  const gradient = new Array<number>(V * D).fill(0);
  ids.forEach((id, n) => {
    for (let j = 0; j < D; j++) gradient[id * D + j]! += dy[n * D + j]!;
  });
  return { value: ids.flatMap((id) => weight.slice(id * D, id * D + D)), gradients: [gradient] };
}

/** y = x / √(mean x² + ε) · w. */
export function rmsNormReference(
  x: Numbers,
  w: Numbers,
  epsilon: number,
  dy: Numbers,
  [N, D]: [number, number],
): Expected {
  const value: number[] = [];
  const dx: number[] = [];
  const dw = new Array<number>(D).fill(0);
  for (let n = 0; n < N; n++) {
    const row = x.slice(n * D, n * D + D);
    const inverse = 1 / Math.sqrt(sum(row.map((v) => v * v)) / D + epsilon);
    const scaled = row.map((_, j) => dy[n * D + j]! * w[j]!);
    const inner = sum(row.map((v, j) => v * scaled[j]!));
    row.forEach((v, j) => {
      value.push(v * inverse * w[j]!);
      dx.push(inverse * scaled[j]! - (inverse ** 3 * v * inner) / D);
      dw[j]! += dy[n * D + j]! * v * inverse;
    });
  }
  return { value, gradients: [dx, dw] };
}

/** y = g σ(g) u; d(g σ(g))/dg = σ(g) (1 + g (1 − σ(g))). */
export function swigluReference(gate: Numbers, up: Numbers, dy: Numbers): Expected {
  const sigma = gate.map((g) => 1 / (1 + Math.exp(-g)));
  return {
    value: gate.map((g, i) => g * sigma[i]! * up[i]!),
    gradients: [
      gate.map((g, i) => dy[i]! * up[i]! * sigma[i]! * (1 + g * (1 - sigma[i]!))),
      gate.map((g, i) => dy[i]! * g * sigma[i]!),
    ],
  };
}

/** y[n] = logits[n, t] − log Σ exp logits[n]; gradient dy (onehot − softmax). */
export function targetLogpsReference(
  logits: Numbers,
  targets: Numbers,
  dy: Numbers,
  [N, V]: [number, number],
): Expected {
  const value: number[] = [];
  const gradient: number[] = [];
  for (let n = 0; n < N; n++) {
    const row = logits.slice(n * V, n * V + V);
    const top = Math.max(...row);
    const logSum = top + Math.log(sum(row.map((v) => Math.exp(v - top))));
    value.push(row[targets[n]!]! - logSum);
    gradient.push(...row.map((v, j) => dy[n]! * ((j === targets[n] ? 1 : 0) - Math.exp(v - logSum))));
  }
  return { value, gradients: [gradient] };
}

/** Sizes of an attention problem. */
export interface ReferenceShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly window: number;
  /** `[batch · length]`: the first position each token sees; 0 everywhere when absent. */
  readonly starts?: Numbers;
}

/** softmax(R(q) R(k)ᵀ / √d + mask) v, one query at a time. */
export function attentionReference(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  angles: Numbers,
  dy: Numbers,
  shape: ReferenceShape,
): Expected {
  const { batch, length: T, heads, keyValueHeads, headDim: d, window, starts } = shape;
  const [D, E, half] = [heads * d, keyValueHeads * d, d / 2];
  const [dq, dk, dv] = [q, k, v].map((x) => new Array<number>(x.length).fill(0)) as [number[], number[], number[]];
  const value = new Array<number>(q.length).fill(0);
  const turn = (x: Numbers, t: number, direction: number): number[] =>
    x.map((_, i) => {
      const angle = direction * angles[t * half + (i % half)]!;
      const [a, b] = [x[i % half]!, x[(i % half) + half]!];
      return i < half ? a * Math.cos(angle) - b * Math.sin(angle) : b * Math.cos(angle) + a * Math.sin(angle);
    });
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < T; i++) {
        const g = Math.floor(h / (heads / keyValueHeads));
        const atQ = (b * T + i) * D + h * d;
        const atK = (j: number): number => (b * T + j) * E + g * d;
        const query = turn(q.slice(atQ, atQ + d), i, 1);
        const seen = indices(T).filter((j) => j <= i && j > i - window && j >= (starts?.[b * T + i] ?? 0));
        const keys = seen.map((j) => turn(k.slice(atK(j), atK(j) + d), j, 1));
        const scores = keys.map((key) => sum(key.map((x, c) => x * query[c]!)) / Math.sqrt(d));
        const top = Math.max(...scores);
        const total = sum(scores.map((s) => Math.exp(s - top)));
        const weights = scores.map((s) => Math.exp(s - top) / total);
        const upstream = dy.slice(atQ, atQ + d);
        const dWeights = seen.map((j) => sum(upstream.map((x, c) => x * v[atK(j) + c]!)));
        const inner = sum(weights.map((w, n) => w * dWeights[n]!));
        const dScores = weights.map((w, n) => (w * (dWeights[n]! - inner)) / Math.sqrt(d));
        const dQuery = turn(
          query.map((_, c) => sum(keys.map((key, n) => dScores[n]! * key[c]!))),
          i,
          -1,
        );
        dQuery.forEach((x, c) => {
          dq[atQ + c]! += x;
        });
        seen.forEach((j, n) => {
          const dKey = turn(
            query.map((x) => dScores[n]! * x),
            j,
            -1,
          );
          for (let c = 0; c < d; c++) {
            value[atQ + c]! += weights[n]! * v[atK(j) + c]!;
            dv[atK(j) + c]! += weights[n]! * upstream[c]!;
            dk[atK(j) + c]! += dKey[c]!;
          }
        });
      }
  return { value, gradients: [dq, dk, dv] };
}
