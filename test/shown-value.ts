/** Compares what an example gives with what the documentation shows. */
import { isDeepStrictEqual } from 'node:util';

/** Fails when `actual` is not the value shown; a shown decimal is right when it is `actual` rounded to its digits. */
export async function check(actual: unknown, expected: () => unknown, shown: string): Promise<void> {
  const got = plain(await actual);
  const wanted = plain(expected());
  const digits = Math.max(...[...shown.matchAll(/\.(\d+)/g)].map(([, fraction]) => fraction!.length), 0);
  if (!same(got, wanted, digits)) throw new Error(`shown: ${shown}\n  got: ${JSON.stringify(got) ?? String(got)}`);
}

/** Typed arrays as plain ones: a reader sees `[1, 2]` for both. */
const plain = (value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<unknown>)
    : value;

function same(got: unknown, wanted: unknown, digits: number): boolean {
  if (typeof got === 'number' && typeof wanted === 'number' && Number.isFinite(got))
    return digits === 0 ? Object.is(got, wanted) || got === wanted : Math.abs(got - wanted) <= 0.5001 * 10 ** -digits;
  if (Array.isArray(got) && Array.isArray(wanted))
    return got.length === wanted.length && got.every((value, i) => same(plain(value), plain(wanted[i]), digits));
  if (isRecord(got) && isRecord(wanted)) {
    const keys = Object.keys(wanted);
    return (
      keys.length === Object.keys(got).length && keys.every((key) => same(plain(got[key]), plain(wanted[key]), digits))
    );
  }
  return isDeepStrictEqual(got, wanted);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
