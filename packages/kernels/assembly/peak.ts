/** The arithmetic limit: multiply-adds between registers and nothing else. */
import { fma } from './math';

@unmanaged
export class Peak {
  rounds: i32;
  width: i32;
}

/** Floating-point operations of a round: 20 sums of four where vectors pair, 12 where they do not, two each. */
export function peakTask(p: Peak, scratch: usize): void {
  // Constants would be rebuilt in each round; numbers from memory stay in their registers.
  store<f32>(scratch, 0.5, 320);
  store<f32>(scratch, 0.25, 324);
  const x = v128.load_splat<f32>(scratch, 320);
  const y = v128.load_splat<f32>(scratch, 324);
  const rounds = p.rounds;
  // From memory, so that no two sums are known to be equal and merged.
  let a = v128.load(scratch), b = v128.load(scratch, 16), c = v128.load(scratch, 32), d = v128.load(scratch, 48);
  let e = v128.load(scratch, 64), f = v128.load(scratch, 80), g = v128.load(scratch, 96), h = v128.load(scratch, 112);
  let i = v128.load(scratch, 128), j = v128.load(scratch, 144), k = v128.load(scratch, 160), l = v128.load(scratch, 176);
  if (p.width == 8) {
    for (let n: i32 = 0; n < rounds; n++) {
      a = fma(a, x, y); b = fma(b, x, y); c = fma(c, x, y); d = fma(d, x, y); e = fma(e, x, y); f = fma(f, x, y);
      g = fma(g, x, y); h = fma(h, x, y); i = fma(i, x, y); j = fma(j, x, y); k = fma(k, x, y); l = fma(l, x, y);
    }
  } else {
    let m = v128.load(scratch, 192), o = v128.load(scratch, 208), q = v128.load(scratch, 224), r = v128.load(scratch, 240);
    let s = v128.load(scratch, 256), t = v128.load(scratch, 272), u = v128.load(scratch, 288), v = v128.load(scratch, 304);
    for (let n: i32 = 0; n < rounds; n++) {
      a = fma(a, x, y); b = fma(b, x, y); c = fma(c, x, y); d = fma(d, x, y); e = fma(e, x, y); f = fma(f, x, y);
      g = fma(g, x, y); h = fma(h, x, y); i = fma(i, x, y); j = fma(j, x, y); k = fma(k, x, y); l = fma(l, x, y);
      m = fma(m, x, y); o = fma(o, x, y); q = fma(q, x, y); r = fma(r, x, y); s = fma(s, x, y); t = fma(t, x, y);
      u = fma(u, x, y); v = fma(v, x, y);
    }
    v128.store(scratch, m, 192); v128.store(scratch, o, 208); v128.store(scratch, q, 224); v128.store(scratch, r, 240);
    v128.store(scratch, s, 256); v128.store(scratch, t, 272); v128.store(scratch, u, 288); v128.store(scratch, v, 304);
  }
  v128.store(scratch, a); v128.store(scratch, b, 16); v128.store(scratch, c, 32); v128.store(scratch, d, 48);
  v128.store(scratch, e, 64); v128.store(scratch, f, 80); v128.store(scratch, g, 96); v128.store(scratch, h, 112);
  v128.store(scratch, i, 128); v128.store(scratch, j, 144); v128.store(scratch, k, 160); v128.store(scratch, l, 176);
}
