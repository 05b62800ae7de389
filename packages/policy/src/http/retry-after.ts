/**
 * The wait an HTTP `Retry-After` header asks for, in milliseconds: seconds, or a date (RFC 9110, section 10.2.3).
 * Undefined when there is none, or none that can be read.
 *
 * @example
 * ```ts
 * import { parseRetryAfter } from '@svo/policy';
 * parseRetryAfter('2', 0); // => 2000
 * parseRetryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1000); // => 4000
 * parseRetryAfter('soon', 0); // => undefined
 * ```
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /\d/.test(text) && /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
