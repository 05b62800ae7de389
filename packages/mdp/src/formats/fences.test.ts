import { expect, test } from 'vitest';
import { fenceSpans } from './fences.ts';

const inside = (text: string) => fenceSpans(text).map(([start, end]) => text.slice(start, end));

test.each([
  ['```\na\n```\nb', ['```\na\n```']],
  ['```py\na\n```` \nb', ['```py\na\n```` ']],
  ['````\n```\na\n````', ['````\n```\na\n````']],
  ['   ```\na\n  ```', ['   ```\na\n  ```']],
  ['    ```\na\n', []],
  ['in a line ```\na\n```', ['```']],
  ['```inline```\nb', []],
  ['```\na\n``` b\n', ['```\na\n``` b\n']],
  ['```\r\na\r\n```\r\nb', ['```\r\na\r\n```\r']],
  ['no fence', []],
])('%j', (text, spans) => {
  expect(inside(text)).toEqual(spans);
});
