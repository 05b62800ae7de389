import { describe, expect, it } from 'vitest';
import { cpuFlags, flagsOf, hasAvx512 } from './cpu.ts';

describe('cpu flags', () => {
  it('are those of the first processor, on x64 and on ARM', () => {
    const x64 = 'processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 fma\nbugs\t\t: a\n\nflags\t\t: other\n';
    expect([...flagsOf(x64)]).toEqual(['fpu', 'avx2', 'fma']);
    expect([...flagsOf('processor\t: 0\nFeatures\t: fp asimd\n')]).toEqual(['fp', 'asimd']);
    expect(flagsOf('processor\t: 0\n').size).toBe(0);
  });

  it('call a processor AVX-512 only with all four parts', () => {
    expect(hasAvx512(new Set(['avx512f', 'avx512bw', 'avx512dq', 'avx512vl']))).toBe(true);
    expect(hasAvx512(new Set(['avx512f', 'avx2']))).toBe(false);
  });

  it('are read without an error on any system', async () => {
    expect(await cpuFlags()).toBeInstanceOf(Set);
  });
});
