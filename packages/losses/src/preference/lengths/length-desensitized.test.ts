import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../../reference/index.ts';
import { inputsOf } from '../../test-support/cases/arbitraries.ts';
import { type Arrays, flat, readAll, toTensors } from '../../test-support/cases/arrays.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { desensitizedLogps } from './length-desensitized.ts';

const drawn = inputsOf(
  {
    logps: { shape: 'B T', kind: 'logps' },
    mask: { shape: 'B T', kind: 'mask' },
    sharedLengths: { shape: 'B', kind: 'lengths' },
  },
  1,
);
const run = async (inputs: Arrays, alpha: number): Promise<number[]> =>
  (await readAll(() => [desensitizedLogps(toTensors(inputs) as never, { alpha })]))[0]!;
const lengths = (inputs: Arrays): number[] =>
  (inputs.mask as Matrix).map((row) => row.reduce((count, m) => count + Number(m > 0), 0));

onBackend('desensitizedLogps', () => {
  test('law: α = 1 is the plain sum, and so is a completion no longer than the shared length', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(0, 0.3, 1), async (inputs, alpha) => {
        const plain = (inputs.logps as Matrix).map((row, i) =>
          row.reduce((sum, x, t) => sum + ((inputs.mask as Matrix)[i]![t]! > 0 ? x : 0), 0),
        );
        expectFloat32(await run(inputs, 1), plain, 1e8);
        expectFloat32(await run({ ...inputs, sharedLengths: lengths(inputs) }, alpha), plain, 1e8);
      }),
    ));

  test('law: linear in α between the shared tokens alone and the plain sum', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const [none, half, all] = [await run(inputs, 0), await run(inputs, 0.5), await run(inputs, 1)];
        expectFloat32(
          none.map((x, i) => (x + all[i]!) / 2),
          half,
          1e9,
        );
      }),
    ));

  test('law: a token receives 1, one beyond the shared length α, a masked one 0, whatever it holds', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(Number.NaN, 7), async (inputs, junk) => {
        const mask = inputs.mask as Matrix;
        const dirty = (inputs.logps as Matrix).map((row, i) => row.map((x, t) => (mask[i]![t]! > 0 ? x : junk)));
        const [gradient] = await readAll(() => {
          const { logps, ...rest } = toTensors({ ...inputs, logps: dirty });
          return [tf.grad((x) => tf.sum(desensitizedLogps({ logps: x, ...rest } as never, { alpha: 0.25 })))(logps!)];
        });
        const expected = mask.flatMap((row, i) => {
          let position = 0;
          return row.map((m) => {
            if (m <= 0) return 0;
            position++;
            return position <= flat(inputs.sharedLengths!)[i]! ? 1 : 0.25;
          });
        });
        expect(gradient!.map((g) => Math.abs(g))).toEqual(expected);
      }),
    ));
});
