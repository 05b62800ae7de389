/** A `kill -9` can leave half a line at the end of a file of lines; it is no line. */
export const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1);

/** The whole lines of JSONL that this program wrote. */
export const jsonLines = <Line>(text: string): Line[] =>
  wholeLines(text)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
