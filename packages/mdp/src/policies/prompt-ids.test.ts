import { expect, test } from 'vitest';
import { promptIds } from './prompt-ids.ts';

test('a prompt begins with one bos, whether or not the tokenizer writes it', () => {
  expect(promptIds({ bosId: 1 }, [4, 6, 5])).toEqual([1, 4, 6, 5]);
  expect(promptIds({ bosId: 1 }, [1, 4, 6, 5])).toEqual([1, 4, 6, 5]);
  expect(promptIds({ bosId: 1 }, [])).toEqual([1]);
  expect(promptIds({}, [4, 6, 5])).toEqual([4, 6, 5]);
});
