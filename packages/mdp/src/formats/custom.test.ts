import { expect, test } from 'vitest';
import { customFormat } from './custom.ts';

const numbered = customFormat({
  id: 'numbered',
  delimiter: '\n',
  before: /^Step \d+:/gm,
  terminal: /^Answer:/gm,
  answer: /^Answer:(.*)$/m,
});

test('rules before a step, whatever flags they carry', () => {
  const text = 'Intro\nStep 1: a\nStep 2: b\nAnswer: 4\nAnswer: 5\n';
  expect(numbered.split(text)).toEqual(['Intro\n', 'Step 1: a\n', 'Step 2: b\nAnswer: 4\nAnswer: 5\n']);
  expect(numbered.answer(text)).toBe('5');
  // A global expression remembers where it stopped; asking twice must not matter.
  expect([1, 2].map(() => numbered.isTerminal('Answer: 5'))).toEqual([true, true]);
  expect(numbered.delimiterLength('Step 1: a\n')).toBe(1);
  expect(numbered.stop).toEqual(['\n']);
});

test('rules after a step, and stretches that stay whole', () => {
  const format = customFormat({
    id: 'semicolon',
    delimiter: ';',
    after: /;+/,
    terminal: /done/,
    answer: /done (\w+)/,
    whole: [['(*', '*)']],
  });
  expect(format.split('a;(* b; *);;c')).toEqual(['a;', '(* b; *);;', 'c']);
  expect(format.split('a;(* b;c')).toEqual(['a;', '(* b;', 'c']);
  expect(format.delimiterLength('(* b; *);;')).toBe(2);
});

test('a format that never cuts is an error', () => {
  expect(() => customFormat({ id: 'none', delimiter: '', terminal: /x/, answer: /(x)/ })).toThrow(
    "customFormat: after or before must be given for 'none', got neither",
  );
});
