import { isProse } from './prose.ts';
import { number } from './sentence.ts';

/** The last stretch of mathematics between delimiters, if nothing but words follows it. */
export function lastMath(text: string): string | undefined {
  const plain = text.replace(/\\\$/g, '  ');
  let best: string | undefined;
  let end = -1;
  for (const match of plain.matchAll(
    /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[([\s\S]{1,2000}?)\\\]|\\\(([\s\S]{1,2000}?)\\\)/g,
  )) {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    if (/^\s*[A-Za-z]\s*$/.test(inner) && best !== undefined) continue;
    best = inner;
    end = match.index + match[0].length;
  }
  if (best === undefined) return undefined;
  const after = plain.slice(end);
  const later = [...after.slice(0, 2000).matchAll(number)].at(-1);
  if (later !== undefined) return later[0];
  const percent = /^\s*(?:\\?%|percent|pct)/.test(after);
  return percent ? `${best.trim()}\\%` : best.trim();
}

/** The last bold stretch that is an answer and not a heading. */
export function lastBold(text: string): string | undefined {
  let found: string | undefined;
  for (const match of text.matchAll(/(?<![\w)}])\*\*([^*\n]{1,400})\*\*(?![\w({])/g)) {
    const inner = match[1]!.trim();
    if (
      !inner.endsWith(':') &&
      (/[\d\\$(]/.test(inner) || inner.length <= 3) &&
      !isProse(inner) &&
      !/^(?:step|part|case|note)\b/i.test(inner)
    )
      found = inner;
  }
  return found;
}

export function lastNumber(text: string): string | undefined {
  const fragment = [...text.matchAll(/\(?\\frac\{[^{}]{1,60}\}\{[^{}]{1,60}\}\)?/g)].at(-1);
  const found = [...text.matchAll(number)].at(-1);
  if (fragment !== undefined && (found === undefined || fragment.index + fragment[0].length >= found.index))
    return fragment[0];
  if (found === undefined) return undefined;
  const percent = /^\s?(?:\\?%|percent)/.test(text.slice(found.index + found[0].length));
  return percent ? `${found[0]}%` : found[0];
}
