import { boxes } from './boxes.ts';
import { finalPart } from './final-part.ts';

const letterAfter =
  /(?:answers?|choice|option|réponse|respuesta|antwort|答案)\s*(?:is|are|est|es|ist|是|为)?\s*[:：]?\s*\**\(?\s*([A-Z])\b/gi;

/** The letter a response chooses. */
export function extractChoice(response: string): string | undefined {
  const text = finalPart(response);
  const found = boxes(text)
    .at(-1)
    ?.inner.replace(/\\(?:text|mathrm|textbf|mathbf)\s*|[{}().\s]/g, '');
  if (found !== undefined && /^[A-Z]$/.test(found)) return found;
  const told = [...text.matchAll(letterAfter)].filter((match) => match[1] === match[1]!.toUpperCase()).at(-1);
  if (told !== undefined) return told[1];
  const right = [
    ...text.matchAll(/(?<![\w'])\(?([A-Z])\)?\s+(?:is|must be)\s+(?:the\s+)?(?:right|correct|true|answer)/g),
  ].at(-1);
  if (right !== undefined) return right[1];
  const lead = /^\s*\(?([A-Z])(?:[).:]|\s+(?=[A-Z(])|\s*$)/.exec(text);
  if (lead !== null) return lead[1];
  const alone = [...text.matchAll(/(?<![\w'])\(?([A-Z])\)?(?![\w'])/g)].filter((match) => {
    const before = text.slice(Math.max(0, match.index - 8), match.index);
    if (/\b(?:not|non|n't|nicht)\s*\(?$/i.test(before)) return false;
    return !(match[1] === 'I' || (match[1] === 'A' && /^\)?\s+[a-z]/.test(text.slice(match.index + match[0].length))));
  });
  return alone.at(-1)?.[1];
}
