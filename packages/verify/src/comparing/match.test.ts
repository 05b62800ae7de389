import { expect, test } from 'vitest';
import { either, every, no, unknown, yes } from './match.ts';

test('three values: every and either', () => {
  expect(every('all', [yes('a'), yes('b')])).toEqual(yes('all'));
  expect(every('all', [yes('a'), unknown('b'), no('c')])).toEqual(no('all'));
  expect(every('all', [yes('a'), unknown('b')])).toEqual(unknown('all'));
  expect(either('one', [no('a'), yes('b')])).toEqual(yes('b'));
  expect(either('one', [no('a'), unknown('b')])).toEqual(unknown('one'));
  expect(either('one', [])).toEqual(no('one'));
});
