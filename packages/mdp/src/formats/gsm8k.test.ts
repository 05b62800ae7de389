import { expect, test } from 'vitest';
import { gsm8kFormat as format } from './gsm8k.ts';

const solution =
  'Natalia sold 48/2 = <<48/2=24>>24 clips in May.\nShe sold 48+24 = <<48+24=72>>72 clips.\n#### 1,072\n';

test('a step a line; the answer line is the last step', () => {
  expect(format.split(solution)).toEqual([
    'Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n',
    'She sold 48+24 = <<48+24=72>>72 clips.\n',
    '#### 1,072\n',
  ]);
  expect(format.split('a\n\nb\r\nc')).toEqual(['a\n\n', 'b\r\n', 'c']);
  expect(format.split('\\[\nx\n\\]\nso')).toEqual(['\\[\nx\n\\]\n', 'so']);
});

test('terminal and answer', () => {
  expect(format.split(solution).map(format.isTerminal)).toEqual([false, false, true]);
  expect(format.isTerminal('about #### in passing')).toBe(false);
  expect(format.answer(solution)).toBe('1,072');
  expect(format.answer('#### ')).toBeUndefined();
  expect(['a', 'a\n', 'a\r\n\n'].map(format.delimiterLength)).toEqual([0, 1, 3]);
});
