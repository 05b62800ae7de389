import type { Span } from './span.ts';

// The first run of three or more backticks of a line, with nothing after it but the language: the rest of a line of inline
// code would hold a closing run. Models open fences inside a line too ("Action Input: ```python").
const OPENER = /^((?:[^`\n]|`{1,2}(?!`))*)(`{3,})([^`\n]*)$/gm;
const LANGUAGE = /^[\w+#.-]*[ \t]*\r?$/;

/** Whether backticks open a fence: at the start of a line always, inside it when nothing but a language follows. */
const isOpener = (before: string, info: string): boolean => before.trim() === '' || LANGUAGE.test(info);

/** The end of the next line that is nothing but at least `count` backticks; −1 when there is none. */
const closerEnd = (text: string, count: number, from: number): number => {
  const closer = new RegExp(`^[ \\t]*\`{${count},}[ \\t]*\\r?$`, 'gm');
  closer.lastIndex = from;
  const found = closer.exec(text);
  return found === null ? -1 : found.index + found[0].length;
};

/**
 * Code fences of backticks, up to the next line of at least as many and nothing else, however far indented (in lists they
 * are). One at the start of a line that is never closed runs to the end of the text, as in CommonMark 4.5; one that opens
 * inside a line needs its closer.
 */
export const fenceSpans = (text: string): Span[] => {
  const spans: Span[] = [];
  if (!text.includes('```')) return spans;
  const opener = new RegExp(OPENER);
  let unclosed = Number.POSITIVE_INFINITY;
  for (let open = opener.exec(text); open !== null; open = opener.exec(text)) {
    const [line, before, ticks, info] = open as unknown as [string, string, string, string];
    if (!isOpener(before, info)) continue;
    const inLine = before.trim() !== '';
    if (inLine && ticks.length >= unclosed) continue;
    const found = closerEnd(text, ticks.length, open.index + line.length);
    if (found === -1 && inLine) {
      // No later fence of as many will find one either.
      unclosed = ticks.length;
      continue;
    }
    const end = found === -1 ? text.length : found;
    spans.push([open.index + before.length, end]);
    opener.lastIndex = end;
  }
  return spans;
};
