import { describe, expect, it } from 'vitest';
import { stepScore } from './scorer.ts';

const steps = ['2 + 3 = 5\n\n', 'Final Answer: 5'];

describe('stepScore', () => {
  it('sums the tokens of each step', () => {
    const tokens = ['Q: ', '2 +', ' 3 = 5', '\n\n', 'Final', ' Answer', ': 5'];
    const score = stepScore('Q: ', steps, { tokens, logps: [null, -1, -2, -3, -4, -5, -6] });
    expect(score).toEqual({ logps: [-6, -15], tokens: 6 });
  });

  it.each([
    ['tokens of another text', ['Q: ', 'other'], [null, -1]],
    ['fewer log-probs than tokens', ['Q: ', steps.join('')], [null]],
    ['a step without its log-prob', ['Q: ', steps.join('')], [null, null]],
    ['NaN', ['Q: ', steps.join('')], [null, Number.NaN]],
  ])('fails on %s', (_, tokens, logps) => {
    expect(stepScore('Q: ', steps, { tokens, logps })).toMatchObject({ logps: [], failure: { kind: 'malformed' } });
  });
});
