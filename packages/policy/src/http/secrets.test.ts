import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageRedactor, redactor } from './secrets.ts';

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

describe('messageRedactor', () => {
  it('leaves no eight characters of a secret in a row, wherever a message is cut', () => {
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), fc.nat(60), fc.nat(60), (key, before, after, from, length) => {
        const message = `${before}${key}${after}`.slice(from, from + length);
        const kept = messageRedactor([key])(message);
        for (let at = 0; at + 8 <= key.length; at++) {
          const piece = key.slice(at, at + 8);
          // The mark itself may spell a strange key.
          if (!'[redacted][redacted]'.includes(piece)) expect(kept.replaceAll('[redacted]', '\n')).not.toContain(piece);
        }
      }),
    );
  });

  it('takes out all of what it finds, and leaves the rest', () => {
    const redact = messageRedactor(['sk-test/SECRET+17', 'another-one']);
    expect(redact('Unexpected token: "…est/SECRET+1… at 3')).toBe('Unexpected token: "…[redacted]… at 3');
    expect(redact('sk-test\\/SECRET+17 and another-one')).toBe('[redacted] and [redacted]');
    expect(redact('sk-test is short, so is another')).toBe('sk-test is short, so is another');
    expect(messageRedactor([])('plain')).toBe('plain');
  });
});
