/**
 * Pairs cut to a length and laid end to end, seen by a model in float64 whose every token depends on all before it in its own side:
 * losses and gradients are what they are padded, and every row and token is kept or told.
 */
import {
  collatePairs,
  type Example,
  type PairExample,
  packPairs,
  type TokenizerLike,
  tokenizePair,
  tokenizeUnpaired,
  truncatePairs,
  truncateUnpaired,
} from '@svo/data';
import * as reference from '@svo/losses/reference';
import { expect, test } from 'vitest';

const bytes: TokenizerLike = {
  encode: (text) => [...new TextEncoder().encode(text)],
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  padId: 258,
};
const ended: TokenizerLike = { ...bytes, bosId: 256, eosId: 257 };

const long = 'Once there was a prompt that is longer than any limit here. ';
const rows: readonly { prompt: string; chosen: string; rejected: string }[] = [
  { prompt: 'q', chosen: 'a', rejected: 'b' },
  { prompt: 'Which?', chosen: 'this one, of course', rejected: 'that' },
  { prompt: 'Same', chosen: 'equal', rejected: 'equal' },
  { prompt: 'Nothing', chosen: '', rejected: 'something' },
  { prompt: 'Neither', chosen: '', rejected: '' },
  { prompt: long, chosen: 'x', rejected: 'yy' },
  { prompt: 'Long answers', chosen: long, rejected: 'short' },
  { prompt: 'Both long', chosen: long + long, rejected: `${long}!` },
  { prompt: '', chosen: 'no prompt', rejected: 'none' },
  { prompt: 'é😀', chosen: '😀', rejected: 'é' },
];

/** W[7, 11]: a token's class is favoured by all tokens before it in its side, the nearer the more. */
const W = Array.from({ length: 77 }, (_, i) => Math.sin(1 + i * i) / 2);

/** Σ of each side's scored log-probs, and its gradient on W. */
const sideSums = (
  ids: Int32Array,
  stepIds: ArrayLike<number>,
  starts: readonly number[],
  sideOf: (at: number) => number,
  sides: number,
) => {
  const sums = Array.from({ length: sides }, () => ({ logp: 0, gradient: new Array<number>(77).fill(0) }));
  starts.forEach((start, segment) => {
    const end = starts[segment + 1] ?? ids.length;
    for (let at = start + 1; at < end; at++) {
      if (stepIds[at]! < 0) continue;
      const weights = new Array<number>(7).fill(0);
      for (let before = start; before < at; before++) weights[ids[before]! % 7]! += 1 / (at - before);
      const logits = Array.from({ length: 11 }, (_, v) => weights.reduce((sum, w, k) => sum + w * W[11 * k + v]!, 0));
      const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      const target = ids[at]! % 11;
      const side = sums[sideOf(at)]!;
      side.logp += logits[target]! - total;
      for (let k = 0; k < 7; k++)
        for (let v = 0; v < 11; v++)
          side.gradient[11 * k + v]! += weights[k]! * (Number(v === target) - Math.exp(logits[v]! - total));
    }
  });
  return sums;
};

const padded = (pairs: readonly PairExample[]) => {
  const batch = collatePairs(pairs, { padId: 258, multipleOf: 8 });
  const width = batch.ids.shape[1]!;
  const starts = batch.lengths.map((_, row) => row * width);
  return {
    batch,
    sums: sideSums(batch.ids.data, batch.stepIds.data, starts, (at) => Math.floor(at / width), starts.length),
  };
};

const packed = (pairs: readonly PairExample[], length: number) => {
  const batch = packPairs(pairs, { padId: 258, length, multipleOf: 4 });
  const { ids, segments, positions, stepIds } = batch;
  const starts = [...positions.data.keys()].filter((at) => positions.data[at] === 0 && segments.data[at]! >= 0);
  const sums = sideSums(ids.data, stepIds.data, starts, (at) => stepIds.data[at]!, 2 * pairs.length);
  return { batch, sums };
};

type Losses = Readonly<
  Record<string, (inputs: never) => { value: number; gradients: Record<string, readonly number[]> }>
>;
const losses = Object.entries({
  ...{ apoDown: reference.apoDownLoss, apoZero: reference.apoZeroLoss, bcoPair: reference.bcoPairLoss },
  ...{ calDpo: reference.calDpoLoss, ncaPair: reference.ncaPairLoss, sppoHard: reference.sppoHardLoss },
  ...{ discopop: reference.discopopLoss, divergence: reference.divergenceDpoLoss, alphaPo: reference.alphaPoLoss },
  ...{ ipo: reference.ipoLoss, normalized: reference.normalizedDpoLoss, simpo: reference.simpoLoss },
  ...{ conservative: reference.conservativeDpoLoss, dpo: reference.dpoLoss, exo: reference.exoPairLoss },
  ...{ hinge: reference.hingeLoss, robust: reference.robustDpoLoss, stepDpo: reference.stepDpoLoss },
} as unknown as Losses);

/** A loss of a batch and its gradient on W. */
const lossOf = (loss: Losses[string], { batch, sums }: ReturnType<typeof padded> | ReturnType<typeof packed>) => {
  const half = sums.length / 2;
  const side = (from: number) => sums.slice(from, from + half).map(({ logp }) => logp);
  const [chosen, rejected] = [side(0), side(half)];
  const pairWeights = chosen.map((_, i) => 1 + (i % 3));
  const { value, gradients } = loss({
    ...{ policyChosenLogps: chosen, policyRejectedLogps: rejected, pairWeights },
    // A reference that is not the policy: DPO and its kin begin away from ln 2.
    ...{ referenceChosenLogps: chosen.map((x) => 0.9 * x), referenceRejectedLogps: rejected.map((x) => 1.1 * x - 0.1) },
    ...{ chosenLengths: [...batch.chosenLengths.data], rejectedLengths: [...batch.rejectedLengths.data] },
  } as never);
  const slopes = [...gradients.policyChosenLogps!, ...gradients.policyRejectedLogps!];
  const onW = W.map((_, k) => sums.reduce((sum, { gradient }, i) => sum + slopes[i]! * gradient[k]!, 0));
  return { value, onW };
};

const limits = [{ maxLength: 1000 }, { maxLength: 40 }, { maxLength: 12 }, { maxLength: 6 }, { maxLength: 2 }] as const;
const keeps = [{}, { keep: 'start' }, { keep: 'end' }] as const;
const tokens = (examples: readonly Example[]) => examples.reduce((sum, { ids }) => sum + ids.length, 0);
/** A first token has no prediction. */
const scoredTokens = ({ stepIds }: Example): number => stepIds.filter((step, at) => at > 0 && step >= 0).length;
const sidesOf = (pairs: readonly PairExample[]) => pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]);

for (const [name, tokenizer] of Object.entries({ 'with an end': ended, 'without one': bytes }))
  test(`pairs ${name}: cut anyhow, packed is padded for every loss, and nothing goes untold`, () => {
    const all = rows.map((row) => tokenizePair(row, tokenizer));
    for (const limit of limits)
      for (const keep of keeps) {
        const { kept, dropped, cut, droppedTokens, cutCompletionTokens } = truncatePairs(all, { ...limit, ...keep });
        const rest = all.filter((_, i) => !dropped.includes(i));
        expect(kept.length + dropped.length).toBe(all.length);
        expect(tokens(sidesOf(kept)) + droppedTokens).toBe(tokens(sidesOf(all)));
        const scored = (pairs: readonly PairExample[]) =>
          sidesOf(pairs).reduce((sum, side) => sum + scoredTokens(side), 0);
        expect(scored(kept) + cutCompletionTokens).toBe(scored(rest));
        expect(kept.filter((pair, i) => pair !== rest[i])).toHaveLength(cut);
        for (const side of sidesOf(kept)) expect(side.ids.length).toBeLessThanOrEqual(limit.maxLength);
        if (kept.length === 0) continue;
        const wide = padded(kept);
        for (const room of [0, 7, 200]) {
          const tight = packed(kept, Math.max(...wide.batch.lengths) + room);
          expect(tight.sums).toEqual(wide.sums);
          for (const [, loss] of losses) {
            const expected = lossOf(loss, wide);
            expect(Number.isFinite(expected.value)).toBe(true);
            expect(lossOf(loss, tight)).toEqual(expected);
          }
        }
      }
  });

test('labelled completions: each is kept or told', () => {
  const all = rows.map(({ prompt, chosen }, i) =>
    tokenizeUnpaired({ prompt, completion: chosen, label: i % 2 === 0 }, ended),
  );
  for (const limit of limits)
    for (const keep of keeps) {
      const { kept, dropped, droppedTokens } = truncateUnpaired(all, { ...limit, ...keep });
      expect(kept.length + dropped.length).toBe(all.length);
      expect(tokens(kept.map(({ example }) => example)) + droppedTokens).toBe(
        tokens(all.map(({ example }) => example)),
      );
      const labels = all.filter((_, i) => !dropped.includes(i)).map(({ label }) => label);
      expect(kept.map(({ label }) => label)).toEqual(labels);
    }
});
