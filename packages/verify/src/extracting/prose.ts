/** What a sentence says that something is, when that is short: "It is Tuesday." */
export function toldTail(text: string): string | undefined {
  const sentences = text
    .slice(-300)
    .split(/[.!?]\s|\n/)
    .filter((part) => part.trim() !== '');
  const last = (sentences.at(-1) ?? '').trim().replace(/[.!]+$/, '');
  const tail = /(?:^|\s)(?:is|are|was|equals)\s+([^\n]{1,60})$/.exec(last)?.[1];
  return tail !== undefined && tail.split(/\s+/).length <= 4 ? tail : undefined;
}

/** Plain words: not in mathematics, not commands. */
export function proseWords(text: string): number {
  const plain = text
    .slice(0, 4000)
    .replace(/\$[^$]{0,400}\$|\\\([^)]{0,400}\\\)|\\(?:text|mbox|mathrm)\s?\{[^{}]{0,200}\}|\\[A-Za-z]+/g, ' ');
  const words = plain.match(/(?<![A-Za-z])[A-Za-z]{2,}/g)?.length ?? 0;
  return words + (/[\u0900-\u0dff\u0600-\u06ff\u3040-\u9fff\uac00-\ud7af]{2}/.test(plain) ? 5 : 0);
}

const reasoning = /\b(?:is|are|so|therefore|thus|hence|we|have|because|find|gives?|total|think)\b/i;
/** A sentence rather than an answer. */
export const isProse = (whole: string): boolean => {
  const text = whole.length > 4000 ? whole.slice(0, 4000) : whole;
  const words = proseWords(text);
  return (
    words >= 3 ||
    (words >= 2 && reasoning.test(text)) ||
    (/\n/.test(text.trim()) && words >= 2) ||
    /^\w+ ?: .*\.\.$/.test(text)
  );
};
