import type { Verdict } from '@svo/mdp';
import { extractAnswer } from './extract.ts';

const clean = (text: string): string =>
  text
    .replace(/\$|\\!|\{,\}|,(?=\d{3}\b)|\s|\*\*/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\.$/, '')
    .replace(/%|\\%/g, '')
    .toLowerCase();

/** A decimal or a fraction of decimals, exactly, as a pair of integers; undefined for anything else. */
function rational(text: string): readonly [bigint, bigint] | undefined {
  const fraction = /^(-?)(?:\\frac\{(\d{1,200})\}\{(\d{1,200})\}|(\d{1,200})\/(\d{1,200}))$/.exec(text);
  if (fraction !== null) {
    const denominator = BigInt(fraction[3] ?? fraction[5]!);
    return denominator === 0n ? undefined : [BigInt(`${fraction[1]}${fraction[2] ?? fraction[4]!}`), denominator];
  }
  const decimal = /^([-+]?)(\d{0,200})(?:\.(\d{0,200}))?/.exec(text);
  if (decimal === null || `${decimal[2]}${decimal[3] ?? ''}` === '') return undefined;
  if (!/^[a-z]*$/.test(text.slice(decimal[0].length))) return undefined;
  const digits = decimal[3] ?? '';
  return [BigInt(`${decimal[1] === '-' ? '-' : ''}${decimal[2]}${digits}`), 10n ** BigInt(digits.length)];
}

/** Do two final answers say the same? Exact for numbers, otherwise by text. */
export function isEquivalent(gold: string, prediction: string): Verdict {
  const [g, p] = [clean(gold), clean(prediction)];
  if (g === '' || p === '') return { equivalent: false, how: 'no answer' };
  if (g === p) return { equivalent: true, how: 'identical' };
  const [a, b] = [rational(g), rational(p)];
  if (a === undefined || b === undefined) return { equivalent: undefined, how: 'text' };
  return { equivalent: a[0] * b[1] === b[0] * a[1], how: 'number' };
}

/** Extracts the final answer of a response, then judges it against the truth. */
export function verifyAnswer(gold: string, response: string): Verdict {
  const answer = extractAnswer(response);
  if (answer === undefined) return { equivalent: false, how: 'no answer' };
  return { ...isEquivalent(extractAnswer(gold) ?? gold, answer), answer };
}
