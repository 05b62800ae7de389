import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  it.prop([fc.json({ noUnicodeString: false })])('agrees with JSON.parse wherever no key repeats', (text) => {
    if (text.includes('__proto__')) return;
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it('refuses a repeated key at any depth, however it is escaped', () => {
    expect(() => parseStrictJson('{"a":1,"a":2}')).toThrow('"a" appears twice');
    expect(() => parseStrictJson('{"a":1,"\\u0061":2}')).toThrow('"a" appears twice');
    expect(() => parseStrictJson('[{"x":{"b":1 , "b" : 2}}]')).toThrow('"b" appears twice');
  });

  it('allows the same key in two objects, and keys that look like structure', () => {
    expect(parseStrictJson('{"a":{"a":["a","a"]},"{":"}:"}')).toEqual({ a: { a: ['a', 'a'] }, '{': '}:' });
  });

  it('refuses __proto__', () => {
    expect(() => parseStrictJson('{"__proto__":{"polluted":true}}')).toThrow('__proto__');
  });
});
