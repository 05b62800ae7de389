import { expect, it } from 'vitest';
import { failureOf, PolicyError, policyError } from './errors.ts';

it('carries its failure, and says it in its message', () => {
  const error = policyError('rate-limit', 'HTTP 429', 2000);
  expect(error.failure).toEqual({ kind: 'rate-limit', message: 'HTTP 429', retryAfterMs: 2000 });
  expect(error.message).toBe('rate-limit: HTTP 429');
  expect(error).toBeInstanceOf(Error);
});

it('is known again across two copies of the package', () => {
  const foreign = Object.assign(new Error('x'), { brand: '@svo/policy', failure: { kind: 'server', message: 'x' } });
  expect(PolicyError.isInstance(foreign)).toBe(true);
  expect(PolicyError.isInstance(new Error('x'))).toBe(false);
  expect(PolicyError.isInstance({ brand: '@svo/policy' })).toBe(false);
});

it('stands for a failure, which a defect of the program does not', () => {
  expect(failureOf(policyError('server', 'x'))).toEqual({ kind: 'server', message: 'x' });
  expect(() => failureOf(new TypeError('defect'))).toThrow(TypeError);
});
