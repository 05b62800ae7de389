export const untag = (text: string): string => {
  const close = text.search(/<\/[a-z]+>/i);
  return (close < 0 ? text : text.slice(0, close)).trim();
};

/** The first line that says something. */
export function firstLine(text: string): string {
  const trimmed = text.replace(/^[\s*:_]+/, '');
  const display = /^(?:\\\[|\$\$)/.test(trimmed);
  const end = display ? -1 : trimmed.indexOf('\n');
  return (end < 0 ? trimmed.slice(0, 3000) : trimmed.slice(0, end)).trim();
}

export const number: RegExp =
  /(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+,\d+(?![\d,])|\d+(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?(?![A-Za-z]*\d)/g;

/** Cuts a closing remark off a sentence that holds an answer, and the words before the answer. */
export function fromSentence(sentence: string): string {
  let text = untag(sentence)
    .replace(/\*\*|__/g, ' ')
    .trim();
  const stop = text.search(/[.。!](?:\s+(?=[A-Z"'(\\$])|\s*$)/);
  if (stop > 0) text = text.slice(0, stop);
  const quoted = /^\\?["'](.*)\\?["']$/.exec(text.trim());
  if (quoted !== null) text = quoted[1]!;
  const copula = [...text.matchAll(/(?:^|[\s$)])(?:is|are|equals|be|was|est|es|ist|为|是)[:\s]\s*/gi)].at(-1);
  if (copula !== undefined) {
    const tail = text.slice(copula.index + copula[0].length).trim();
    if (/[\d\\$]|^[A-Za-z+\-(]{1,12}$/.test(tail)) text = tail;
  }
  return text
    .replace(/\s+/g, ' ')
    .replace(/[.,;:]+$/, '')
    .trim();
}
