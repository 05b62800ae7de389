import { describe, expect, test } from 'vitest';
import { OptionError, parseOptions } from './options.ts';

test('no option gives the documented defaults', () => {
  expect(parseOptions([])).toMatchObject({
    objective: 'dvo',
    rounds: 3,
    testQuestions: 500,
    iterations: 16,
    seed: 1,
    backend: 'auto',
    out: 'runs/latest',
    resume: false,
  });
});

test('help is asked for in either way', () => {
  expect(parseOptions(['--help'])).toBe('help');
  expect(parseOptions(['-h'])).toBe('help');
});

describe('a wrong option is refused with what came and what was expected', () => {
  test.each([
    [['--objective', 'ppo'], "--objective: got 'ppo', expected one of dvo, dpo, step-dpo, kto, svpo, dqo, rft"],
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
