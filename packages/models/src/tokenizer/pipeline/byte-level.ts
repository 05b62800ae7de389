/** GPT-2's way of writing bytes as letters: every byte has a visible character of its own. */

const visible = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

const letters: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++));
})();

const byteOf: ReadonlyMap<string, number> = new Map(letters.map((letter, byte) => [letter, byte]));

const utf8 = new TextEncoder();
/** Broken sequences become U+FFFD, and a byte order mark stays. */
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** A text's UTF-8 bytes, a letter each. */
export const byteLetters = (text: string): string => {
  let written = '';
  for (const byte of utf8.encode(text)) written += letters[byte];
  return written;
};

/** The bytes a token spells: of its letters where all of them are bytes' letters, else of the token as a text. */
const bytesOf = (token: string): Iterable<number> => {
  const bytes: number[] = [];
  for (const letter of token) {
    const byte = byteOf.get(letter);
    if (byte === undefined) return utf8.encode(token);
    bytes.push(byte);
  }
  return bytes;
};

/** The text that tokens' bytes spell together. */
export const textOfLetters = (tokens: readonly string[]): string => {
  const bytes: number[] = [];
  for (const token of tokens) for (const byte of bytesOf(token)) bytes.push(byte);
  return lossy.decode(Uint8Array.from(bytes));
};
