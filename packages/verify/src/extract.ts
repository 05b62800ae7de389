/** Finds the final answer in a response. Linear scans and anchored patterns only: no pattern backtracks over the text. */

/** The last balanced `\boxed{…}` (or `\fbox{…}`) of a text, without its braces; undefined when none closes. */
export function lastBoxed(text: string): string | undefined {
  const start = Math.max(text.lastIndexOf('\\boxed{'), text.lastIndexOf('\\fbox{'));
  if (start < 0) return undefined;
  const open = text.indexOf('{', start);
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return text.slice(open + 1, i);
  }
  return undefined;
}

const strongMarkers = [/####/g, /final answer\s*:?/gi, /^A:/gm, /<answer>/gi];
const weakMarkers = [/the answer is:?/gi, /answer\s*:/gi];

function afterLast(text: string, patterns: readonly RegExp[]): string | undefined {
  let end = -1;
  for (const pattern of patterns)
    for (const match of text.matchAll(pattern)) end = Math.max(end, match.index + match[0].length);
  return end < 0 ? undefined : text.slice(end);
}

const firstLine = (text: string): string => (text.trim().split('\n', 1)[0] ?? '').replace(/<\/answer>.*$/i, '').trim();

/**
 * The final answer of a response, or undefined when there is none: what follows the last `####`, "Final Answer:",
 * `A:` or `<answer>`, else the last `\boxed{…}`, else what follows "the answer is", else the last number.
 *
 * @example
 * ```ts
 * import { extractAnswer } from '@svo/verify';
 * extractAnswer('2 + 2 = 4\n\nFinal Answer: 4'); // => '4'
 * ```
 */
export function extractAnswer(response: string): string | undefined {
  const strong = afterLast(response, strongMarkers);
  if (strong !== undefined) return firstLine(lastBoxed(strong) ?? strong) || undefined;
  const boxed = lastBoxed(response);
  if (boxed !== undefined) return boxed.trim() || undefined;
  const weak = afterLast(response, weakMarkers);
  if (weak !== undefined) return firstLine(weak).replace(/\.$/, '') || undefined;
  return response.match(/-?\d[\d,]*(?:\.\d+)?/g)?.at(-1);
}
