import { expect, test } from 'vitest';
import { fenceSpans } from './fences.ts';

const inside = (text: string) => fenceSpans(text).map(([start, end]) => text.slice(start, end));

test.each([
  ['```\na\n```\nb', ['```\na\n```']],
  ['```py\na\n```` \nb', ['```py\na\n```` ']],
  ['````\n```\na\n````', ['````\n```\na\n````']],
  ['   ```\na\n  ```', ['```\na\n  ```']],
  ['1. so:\n     ```py\n     a\n     ```\nb', ['```py\n     a\n     ```']],
  ['Action Input: ```python\na\n```\nb', ['```python\na\n```']],
  ['in a line ```\na\nnever closed', []],
  ['see ```x``` and\n```\na\n```\nb', ['```\na\n```']],
  ['a ``b`` ```py\nc\n```', ['```py\nc\n```']],
  ['a ```not a language\nb', []],
  ['```inline```\nb', []],
  ['```\na\n``` b\n', ['```\na\n``` b\n']],
  ['```\r\na\r\n```\r\nb', ['```\r\na\r\n```\r']],
  ['no fence', []],
])('%j', (text, spans) => {
  expect(inside(text)).toEqual(spans);
});
