/**
 * Complex doubles that carry a bound of their own error. Every operation adds its rounding and passes on what its arguments bring
 * (first order), so a comparison knows how many of the digits it sees mean anything.
 */
export interface Approx {
  readonly re: number;
  readonly im: number;
  /** Bound on |computed − true|. */
  readonly err: number;
}

const ulp = 2 ** -52;

export const real = (re: number, err: number = Math.abs(re) * ulp): Approx => ({ re, im: 0, err });
export const size = (z: Approx): number => (z.im === 0 ? Math.abs(z.re) : Math.hypot(z.re, z.im));
const make = (re: number, im: number, err: number): Approx => ({
  re,
  im,
  err: err + (Math.abs(re) + Math.abs(im)) * ulp,
});

/** Neither NaN nor infinite. */
export const finite = (z: Approx): boolean => Number.isFinite(z.re) && Number.isFinite(z.im) && Number.isFinite(z.err);
/** Real within its error. */
export const isReal = (z: Approx): boolean => Math.abs(z.im) <= z.err * 4 + Math.abs(z.re) * 1e-13;

export const plus = (a: Approx, b: Approx): Approx => make(a.re + b.re, a.im + b.im, a.err + b.err);
export const minus = (a: Approx): Approx => ({ re: -a.re, im: a.im === 0 ? 0 : -a.im, err: a.err });

export function times(a: Approx, b: Approx): Approx {
  const err = size(a) * b.err + size(b) * a.err;
  if (a.im === 0 && b.im === 0) return make(a.re * b.re, 0, err);
  return make(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, err);
}

/** a / b; infinite when b can't be told from zero. */
export function over(a: Approx, b: Approx): Approx {
  const size2 = b.re * b.re + b.im * b.im;
  const sizeB = size(b);
  if (sizeB <= b.err) return { re: Number.NaN, im: 0, err: 0 };
  const err = a.err / sizeB + (size(a) * b.err) / sizeB / sizeB;
  if (a.im === 0 && b.im === 0) return make(a.re / b.re, 0, err);
  return make((a.re * b.re + a.im * b.im) / size2, (a.im * b.re - a.re * b.im) / size2, err);
}

export function exp(z: Approx): Approx {
  const r = Math.exp(z.re);
  const err = r * (z.err + Math.abs(z.re) * ulp + Math.abs(z.im) * ulp);
  return z.im === 0 ? make(r, 0, err) : make(r * Math.cos(z.im), r * Math.sin(z.im), err);
}

export function log(z: Approx): Approx {
  const r = size(z);
  if (r <= z.err) return { re: Number.NaN, im: 0, err: 0 };
  return make(Math.log(r), z.im === 0 && z.re > 0 ? 0 : Math.atan2(z.im, z.re), z.err / r);
}

export function sqrt(z: Approx): Approx {
  const r = Math.sqrt(size(z));
  const err = r === 0 ? Math.sqrt(z.err) : Math.min(z.err / r, Math.sqrt(z.err));
  if (z.im === 0) return z.re >= 0 ? make(r, 0, err) : make(0, r, err);
  const half = Math.atan2(z.im, z.re) / 2;
  return make(r * Math.cos(half), r * Math.sin(half), err);
}

/** z^w, principal branch; integer powers by multiplication, the real root where an odd root of a negative number is asked for. */
export function pow(z: Approx, w: Approx): Approx {
  if (w.im === 0 && w.err <= Math.abs(w.re) * 2 * ulp && Number.isInteger(w.re) && Math.abs(w.re) <= 1024) {
    let result = real(1, 0);
    let base = z;
    for (let k = Math.abs(w.re); k > 0; k = Math.floor(k / 2)) {
      if (k % 2 === 1) result = times(result, base);
      base = times(base, base);
    }
    return w.re < 0 ? over(real(1, 0), result) : result;
  }
  if (size(z) <= z.err)
    return w.im === 0 && w.re > 0
      ? { re: 0, im: 0, err: z.err ** Math.min(1, w.re) }
      : { re: Number.NaN, im: 0, err: 0 };
  if (z.im === 0 && z.re > 0 && w.im === 0) {
    const value = z.re ** w.re;
    return make(
      value,
      0,
      Math.abs(value) *
        ((Math.abs(w.re) * z.err) / z.re + Math.abs(Math.log(z.re)) * w.err + Math.abs(w.re * Math.log(z.re)) * ulp),
    );
  }
  return exp(times(w, log(z)));
}

/** The real m-th root of a real number; m odd when it is negative. */
export function realRoot(z: Approx, m: number): Approx {
  const r = Math.abs(z.re) ** (1 / m);
  return make(Math.sign(z.re) * r, 0, r === 0 ? z.err ** (1 / m) : (r * z.err) / Math.abs(z.re) / m);
}

const i: Approx = { re: 0, im: 1, err: 0 };
const half = real(0.5, 0);
const trigError = (z: Approx): number => z.err + Math.abs(z.re) * ulp;

export function sin(z: Approx): Approx {
  if (z.im === 0) return make(Math.sin(z.re), 0, trigError(z));
  return make(Math.sin(z.re) * Math.cosh(z.im), Math.cos(z.re) * Math.sinh(z.im), trigError(z) * Math.cosh(z.im));
}
export function cos(z: Approx): Approx {
  if (z.im === 0) return make(Math.cos(z.re), 0, trigError(z));
  return make(Math.cos(z.re) * Math.cosh(z.im), -Math.sin(z.re) * Math.sinh(z.im), trigError(z) * Math.cosh(z.im));
}
export const sinh = (z: Approx): Approx => times(half, plus(exp(z), minus(exp(minus(z)))));
export const cosh = (z: Approx): Approx => times(half, plus(exp(z), exp(minus(z))));

/** arcsin on [−1, 1], arctan on the line; elsewhere by their logarithms. */
export function arcsin(z: Approx): Approx {
  if (z.im === 0 && Math.abs(z.re) <= 1)
    return make(Math.asin(z.re), 0, z.err / Math.sqrt(Math.max(1 - z.re * z.re, z.err + 1e-30)));
  return minus(times(i, log(plus(times(i, z), sqrt(plus(real(1, 0), minus(times(z, z))))))));
}
export function arctan(z: Approx): Approx {
  if (z.im === 0) return make(Math.atan(z.re), 0, z.err / (1 + z.re * z.re));
  const a = log(plus(real(1, 0), minus(times(i, z))));
  const b = log(plus(real(1, 0), times(i, z)));
  return times(times(i, half), plus(a, minus(b)));
}
