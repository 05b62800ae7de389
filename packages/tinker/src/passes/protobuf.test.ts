/** Bytes of `tinker_public` as the official SDK, tinker 0.38.0 with protobuf 7.36.2, wrote them on 2026-11-30. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { sampleResultOf } from '../sampling/sample-result.ts';
import { passFromProtobuf } from '../testing/protobuf.ts';
import { freshPaper, reusedPaper } from '../wire/paper.ts';
import { encode } from './encoding.ts';
import { passResultOf } from './pass-result.ts';
import { protobuf } from './protobuf.ts';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOfHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g)!, (byte) => Number.parseInt(byte, 16));

const request =
  '0a076d6f64656c2d3110031a640a100a0e0a0c0100000005000000f049020012300a0d7461726765745f746f6b656e73121f0a180500000000000000f04902000000000003000000000000001802220103121e0a077765696768747312130a0c0000003f000080be6f12833a18012201031a440a080a060a040700000012200a0d7461726765745f746f6b656e73120f0a080200000000000000180222010112160a0777656967687473120b0a04000040401801220101220d63726f73735f656e74726f7079';
const cispo =
  '0a016d10011a780a080a060a040400000012190a0a616476616e7461676573120b0a040000c0bf180122010112170a086c6f6770726f6273120b0a0400000000180122010112200a0d7461726765745f746f6b656e73120f0a080600000000000000180222010112160a0777656967687473120b0a040000803f18012201012205636973706f2a1e0a13636c69705f686967685f7468726573686f6c6411000000000000f03f2a1d0a12636c69705f6c6f775f7468726573686f6c6411000000000000f03f3a200a13636c69705f686967685f7468726573686f6c64120909000000000000f03f3a1f0a12636c69705f6c6f775f7468726573686f6c64120909000000000000f03f';
// Two records: two rows of float32, then one of bfloat16 beside whole numbers.
const output =
  '0a1974696e6b65723a43726f7373456e74726f70794f75747075741285010a017812420a10656c656d656e74776973655f6c6f7373122e0a100000003f0000a03f00004040cdcccc3d121800000000000000000c0000000000000010000000000000001801123a0a086c6f6770726f6273122e0a10000000bf0000a0bf000040c0cdccccbd121800000000000000000c00000000000000100000000000000018011802125312260a086c6f6770726f6273121a0a0480bf00c0121000000000000000000400000000000000180412270a0572616e6b73121e0a080300000001000000121000000000000000000800000000000000180318011a130a086c6f73733a73756d116666666666661340';
const sample = '0a160801120804000000f04902001a08000000bf000000c00a0c1204090000001a04000080bf12080000c07f000080be2005';

const written = (
  kind: 'forward' | 'forward_backward',
  model: string,
  seqId: number,
  encoded: ReturnType<typeof encode>,
): Uint8Array => protobuf.body(kind, model, encoded)(seqId, freshPaper).bytes;

describe('requests', () => {
  const rows = [Int32Array.of(1, 5, 150_000, 3), Int32Array.of(7, 2)];
  const gradients = [Float32Array.of(-0.5, 0.25, -1e-3), Float32Array.of(-3)];

  test('are the official SDK’s bytes', () => {
    const encoded = encode('sum', rows, gradients);
    expect(hex(written('forward_backward', 'model-1', 3, encoded))).toBe(request);
    expect(hex(written('forward', 'model-1', 3, encoded))).toBe(`${request}3001`);
  });

  test('are the same on paper that was written on before, and on paper that is too small', () => {
    const encoded = encode('sum', rows, gradients);
    const paper = reusedPaper();
    const body = protobuf.body('forward_backward', 'model-1', encoded);
    paper.sheet(5000).fill(255);
    expect(hex(body(3, paper).bytes)).toBe(request);
    expect(hex(body(3, { sheet: () => new Uint8Array(0) }).bytes)).toBe(request);
    expect(hex(body(3, { sheet: () => new Uint8Array(64).subarray(3, 40) }).bytes)).toBe(request);
  });

  test('with a loss’s numbers, in whatever order their names come', () => {
    const own = written('forward_backward', 'm', 1, encode('mean', [Int32Array.of(4, 6)], [Float32Array.of(1.5)]));
    expect(own.length).toBe(cispo.length / 2);
    expect(passFromProtobuf(own)).toEqual(passFromProtobuf(bytesOfHex(cispo)));
  });
});

describe('results', () => {
  test('of passes: records behind one another, bfloat16 widened, other arrays passed over', () => {
    const rows = (values: readonly number[]) => ({ data: Float32Array.from(values) });
    expect(passResultOf(bytesOfHex(output))).toEqual({
      loss_fn_outputs: [
        { logprobs: rows([-0.5, -1.25, -3]) },
        { logprobs: rows([-0.1]) },
        { logprobs: rows([-1, -2]) },
      ],
      metrics: { 'loss:sum': 4.85 },
    });
  });

  test('of samples', () => {
    expect(sampleResultOf(bytesOfHex(sample))).toEqual({
      sequences: [
        { tokens: [4, 150_000], logprobs: [-0.5, -2], stop_reason: 'length' },
        { tokens: [9], logprobs: [-1], stop_reason: 'stop' },
      ],
      prompt_logprobs: [Number.NaN, -0.25],
    });
  });

  it.prop([fc.nat(), fc.nat(255), fc.constantFrom(output, sample), fc.boolean()])(
    'that are damaged are refused by a RangeError, or read as others',
    (place, byte, golden, cutOff) => {
      const bytes = bytesOfHex(golden);
      const at = place % bytes.length;
      bytes[at] = byte;
      const read = golden === output ? passResultOf : sampleResultOf;
      try {
        read(cutOff ? bytes.subarray(0, at) : bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    },
  );
});
