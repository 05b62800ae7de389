import type { Failure } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, isRetryable, retrySettings } from './backoff.ts';

const settings = retrySettings('test', { baseMs: 100, maxMs: 5000, maxRetryAfterMs: 60_000 });
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffMs = u · min(maxMs, baseMs · 2^attempt)', () => {
  it('is that, without Retry-After', () => {
    fc.assert(
      fc.property(fc.nat(40), unit, (attempt, u) => {
        expect(backoffMs(attempt, u, undefined, settings)).toBe(u * Math.min(5000, 100 * 2 ** attempt));
      }),
    );
  });

  it('is never less than the server asked for, and undefined beyond the limit', () => {
    fc.assert(
      fc.property(fc.nat(40), unit, fc.integer({ min: 0, max: 120_000 }), (attempt, u, asked) => {
        const ms = backoffMs(attempt, u, asked, settings);
        if (asked > 60_000) expect(ms).toBeUndefined();
        else expect(ms).toBeGreaterThanOrEqual(asked);
      }),
    );
  });
});

it('counts a passing fault as retryable, a lasting one not', () => {
  const kinds = [
    'timeout',
    'rate-limit',
    'server',
    'connection',
    'malformed',
    'cancelled',
    'too-large',
    'unparsable',
    'refused',
  ];
  const retryable = kinds.filter((kind) => isRetryable({ kind: kind as Failure['kind'], message: '' }));
  expect(retryable).toEqual(['timeout', 'rate-limit', 'server', 'connection', 'malformed']);
  expect(isRetryable(undefined)).toBe(false);
});
