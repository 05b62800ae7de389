/** Vector arithmetic shared by all kernels. Pointers are byte addresses into tfjs's heap; sizes count floats. */

// @ts-ignore: decorators are AssemblyScript's
@inline
export function at(base: usize, index: i32): usize {
  return base + ((index as usize) << 2);
}

/** a · b + c, with one rounding where the engine has relaxed SIMD. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function sum4(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function max4(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/**
 * Where the constants of `exp4` lie. In memory, since V8 builds a vector constant anew wherever it is used: a broadcasting
 * load is one instruction, and two neighbouring ones pair into a wide one.
 */
let constants: usize = 0;

/** Tells this instance where the constants are. */
export function useConstants(pointer: usize): void {
  constants = pointer;
}

/** The pointer `exp4` takes: read once a task, it stays in a register. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function numbers(): usize {
  return constants;
}

/** Writes the constants; the host sees to it that this happens before any task. */
export function writeConstants(pointer: usize): void {
  store<f32>(pointer, -87.3);
  store<f32>(pointer, 88.3, 4);
  store<f32>(pointer, 12582912.0, 8);
  store<f32>(pointer, 1.44269504088896341, 12);
  store<f32>(pointer, -0.693359375, 16);
  store<f32>(pointer, 2.12194440e-4, 20);
  store<f32>(pointer, 1.9875691500e-4, 24);
  store<f32>(pointer, 1.3981999507e-3, 28);
  store<f32>(pointer, 8.3334519073e-3, 32);
  store<f32>(pointer, 4.1665795894e-2, 36);
  store<f32>(pointer, 1.6666665459e-1, 40);
  store<f32>(pointer, 5.0000001201e-1, 44);
  store<f32>(pointer, 1, 48);
}

/**
 * eˣ in each lane, relative error below 2e-7; x is held to [−87.3, 88.3], NaN stays NaN.
 * x = n ln 2 + r with |r| ≤ ½ ln 2; eʳ by a degree-6 polynomial (Cephes expf), 2ⁿ by building the exponent bits.
 * n is rounded by adding 1.5 · 2²³, whose low mantissa bits then hold n.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function exp4(value: v128, k: usize): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, v128.load_splat<f32>(k)), v128.load_splat<f32>(k, 4));
  const magic = v128.load_splat<f32>(k, 8);
  const shifted = fma(x, v128.load_splat<f32>(k, 12), magic);
  const n = f32x4.sub(shifted, magic);
  const r = fma(n, v128.load_splat<f32>(k, 20), fma(n, v128.load_splat<f32>(k, 16), x));
  let p = fma(v128.load_splat<f32>(k, 24), r, v128.load_splat<f32>(k, 28));
  p = fma(p, r, v128.load_splat<f32>(k, 32));
  p = fma(p, r, v128.load_splat<f32>(k, 36));
  p = fma(p, r, v128.load_splat<f32>(k, 40));
  p = fma(p, r, v128.load_splat<f32>(k, 44));
  const one = v128.load_splat<f32>(k, 48);
  p = f32x4.add(fma(f32x4.mul(r, r), p, r), one);
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

/** eˣ of one number, lane 0 of the same arithmetic: a row's tail is rounded like its body. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function exp1(x: f32, k: usize): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x), k), 0);
}

/** One multiply-add, rounded like a lane of `fma`. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function fma1(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(fma(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}

/** ln x for x > 0 (Cephes logf). */
export function log1(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  let e = ((bits >> 23) & 255) - 126;
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000);
  if (m < 0.707106781186547524) {
    e -= 1;
    m = m + m - 1;
  } else m = m - 1;
  const z = m * m;
  let y: f32 = 7.0376836292e-2;
  y = y * m - 1.1514610310e-1;
  y = y * m + 1.1676998740e-1;
  y = y * m - 1.2420140846e-1;
  y = y * m + 1.4249322787e-1;
  y = y * m - 1.6668057665e-1;
  y = y * m + 2.0000714765e-1;
  y = y * m - 2.4999993993e-1;
  y = y * m + 3.3333331174e-1;
  y = y * m * z;
  const f = e as f32;
  y += -2.12194440e-4 * f;
  y += -0.5 * z;
  return m + y + 0.693359375 * f;
}

/** Σ x[j] · y[j]; `scratch` takes the two running sums side by side so that they can share a wide register. */
export function dot(x: usize, y: usize, n: i32, scratch: usize): f32 {
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
