import { blankLineFormat } from '@svo/mdp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { wordTokenizer } from '../tokenizer/word-tokenizer.ts';
import { stepDraws } from './step-draws.ts';

const letters = characterTokenizer('ab1 \n');
const generationOf = (ids: readonly number[]) => ({ ids, logps: ids.map((_, i) => -(i + 1) / 8) });

test('the draws of all steps are the whole generation, cut where the steps are', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', ' ', '\n\n'), { minLength: 1, maxLength: 12 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, fc.boolean(), (response, ended) => {
      const ids = [...letters.encode(response), ...(ended ? [letters.eosId!] : [])];
      const steps = blankLineFormat.split(response);
      const draws = stepDraws(letters, generationOf(ids), steps);
      expect(draws.flatMap((draw) => draw?.tokenIds ?? [])).toEqual(ids);
      expect(draws.flatMap((draw) => draw?.logps ?? [])).toEqual(generationOf(ids).logps);
      draws.forEach((draw, t) => {
        expect(letters.decode(draw!.tokenIds)).toContain(steps[t]);
      });
    }),
  );
});

test('a step that ends inside a token has no draw, nor have those behind it', () => {
  const tokenizer = wordTokenizer({ words: ['a', '\n\nb', '\n\n'], pattern: '\n\nb|\n\n|a' });
  const ids = tokenizer.encode('a\n\nba');
  expect(stepDraws(tokenizer, generationOf(ids), ['a\n\n', 'ba'])).toEqual([undefined, undefined]);
});

test('no step, no draw', () => {
  expect(stepDraws(letters, generationOf([]), [])).toEqual([]);
});
