import { describe, expect, it } from 'vitest';
import { candidates } from './engine-choice.ts';
import { coresFor } from './openblas.ts';

const avx512 = new Set(['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl']);
const avx2 = new Set(['avx2', 'fma']);

describe('the choice of a matrix engine', () => {
  it('follows the processor and V8, and gives its reason', () => {
    expect(candidates('auto', true, avx512)).toEqual({
      order: ['onnxruntime', 'wasm'],
      because: 'the processor has AVX-512',
    });
    expect(candidates('auto', true, avx2).order).toEqual(['wasm']);
    expect(candidates('auto', false, avx2).order).toEqual(['onnxruntime', 'openblas', 'wasm']);
    expect(candidates('auto', false, new Set()).order).toEqual(['onnxruntime', 'openblas', 'wasm']);
  });

  it('takes what is asked for and nothing else', () => {
    for (const name of ['wasm', 'openblas', 'onnxruntime'] as const)
      expect(candidates(name, false, avx512)).toEqual({ order: [name], because: 'asked for' });
  });

  it('names a core to OpenBLAS that uses what the processor has', () => {
    expect(coresFor(avx512)[0]).toBe('SKYLAKEX');
    expect(coresFor(avx2)[0]).toBe('HASWELL');
    expect(coresFor(new Set(['sse2']))).toEqual([]);
  });
});
