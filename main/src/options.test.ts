import { describe, expect, test } from 'vitest';
import { OptionError, parseOptions } from './options.ts';

test('no option gives the documented defaults', () => {
  expect(parseOptions([])).toMatchObject({
    task: 'skipped-steps',
    objectives: ['rft', 'dpo', 'kto', 'step-dpo', 'dvo-response', 'dvo'],
    sources: ['draws', 'trees'],
    rounds: 1,
    questions: 500,
    draws: 64,
    iterations: 16,
    testQuestions: 1000,
    seed: 1,
    backend: 'auto',
    out: 'runs/latest',
    resume: false,
  });
});

test('lists are read in their order, each name once', () => {
  expect(parseOptions(['--objective', 'dqo, dvo,dqo', '--from', 'trees'])).toMatchObject({
    objectives: ['dqo', 'dvo'],
    sources: ['trees'],
  });
});

test('help is asked for in either way', () => {
  expect(parseOptions(['--help'])).toBe('help');
  expect(parseOptions(['-h'])).toBe('help');
});

describe('a wrong option is refused with what came and what was expected', () => {
  test.each([
    [
      ['--objective', 'ppo'],
      "--objective: got 'ppo', expected one of rft, dpo, step-dpo, kto, dvo-response, dvo, svpo, dqo, oreo, dro, grpo, vine, dapo, dr-grpo, gspo, cispo, tis, rloo, step-cispo, spo, treerl, tree-grpo, treerpo, tempo, pav, pure, prime-dvo, prime-dqo",
    ],
    [['--objective', 'dvo,'], "--objective: got ''"],
    [['--task', 'sums'], "--task: got 'sums', expected one of skipped-steps, chains"],
    [['--rounds', '0'], "--rounds: got '0', expected a whole number from 1 to 20"],
    [['--rounds', '2.5'], "--rounds: got '2.5'"],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous"],
    [['--seed', '99999999999'], "--seed: got '99999999999'"],
    [['--backend', 'cuda'], "--backend: got 'cuda', expected one of auto"],
    [['--out', ' '], '--out: got'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['stray'], 'Unexpected argument'],
  ])('%j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(OptionError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
