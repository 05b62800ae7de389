import type { Span } from './span.ts';

// An opener's info string holds no backtick, else the line is inline code (CommonMark 4.5).
const OPENER = /^ {0,3}(`{3,})[^`\n]*$/gm;

/**
 * Code fences of backticks: from a line that opens with three or more to the next line of at least as many and nothing
 * else; one that is never closed runs to the end of the text (CommonMark 4.5).
 */
export const fenceSpans = (text: string): Span[] => {
  const spans: Span[] = [];
  if (!text.includes('```')) return spans;
  const opener = new RegExp(OPENER);
  for (let open = opener.exec(text); open !== null; open = opener.exec(text)) {
    const closer = new RegExp(`^ {0,3}\`{${open[1]!.length},}[ \\t]*\\r?$`, 'gm');
    closer.lastIndex = open.index + open[0].length;
    const close = closer.exec(text);
    const end = close === null ? text.length : close.index + close[0].length;
    spans.push([open.index, end]);
    opener.lastIndex = end;
  }
  return spans;
};
