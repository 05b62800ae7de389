import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactor } from './secrets.ts';

const secret = fc
  .string({ minLength: 8, maxLength: 40 })
  .filter((text) => text.trim().length >= 8 && !'[redacted]'.includes(text));

describe('redactor', () => {
  it('leaves no secret in any text, as it is, in JSON, in a URL or in base64', () => {
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (key, before, after) => {
        const redact = redactor([key]);
        const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(key))).replace(/=+$/, '');
        for (const form of [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key), base64]) {
          expect(redact(`${before} ${form} ${after}`)).toContain('[redacted]');
        }
        expect(redact(`<${key}>`)).toBe('<[redacted]>');
      }),
    );
  });

  it('removes the longer of two secrets first', () => {
    expect(redactor(['abcdefgh', 'abcdefgh-1234'])('abcdefgh-1234 abcdefgh')).toBe('[redacted] [redacted]');
  });

  it('leaves texts without secrets alone, and ignores what is too short to be one', () => {
    expect(redactor(['key-123', ''])('a plain text')).toBe('a plain text');
    expect(redactor(['EMPTY'])('an EMPTY set')).toBe('an EMPTY set');
  });
});
