/** A token as a server spells it: its text, or its bytes where a token is not made of whole characters. */
export interface SpelledToken {
  readonly text: string;
  readonly bytes?: readonly number[] | undefined;
}

/** A text that tokens should spell, and the part of it that is wanted. */
export interface WantedSpan {
  /** What the server sent, in full. */
  readonly text: string;
  /** Where the wanted part begins in it, in UTF-16 code units. */
  readonly from: number;
  /** The wanted part, as it stands in the text. */
  readonly body: string;
  /** The same with what a server strips (a delimiter): preferred, where the tokens spell it too. */
  readonly whole: string;
  /** What an engine may have stripped from the end of the text: its stop strings. */
  readonly stops: readonly string[];
  /** Tokens that stand at the end of a turn, and in no text. */
  readonly ends: readonly string[];
  /** Thinking that came beside the text, whose tokens may come before the text's. */
  readonly reasoning?: string | undefined;
}

/** Tokens [start, end) belong to the wanted part; `exact` when they decode to all of `whole` and to nothing else. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
  readonly exact: boolean;
}

/**
 * The tokens of the wanted part of a text. They are matched from the end of the text, so that what stands before it (a
 * thought between `<think>` tags, an echoed prompt) takes none of its log-probs; tokens that end the turn, and those of a
 * stripped stop string, may follow it. A token belongs to the part it starts in. Undefined when the tokens do not spell the text.
 * Work is bounded by a few passes over tokens and text.
 */
export function tokenSpan(tokens: readonly SpelledToken[], wanted: WantedSpan): TokenSpan | undefined {
  const spelled = tokens.map(bytesOf);
  const text = utf8(wanted.text);
  const from = utf8(wanted.text.slice(0, wanted.from)).length;
  for (const count of new Set([spelled.length, lengthWithoutEnds(spelled, wanted.ends.map(utf8))])) {
    for (const tail of tailsOf(spelled[count - 1], wanted.stops.map(utf8))) {
      const starts = startsFromEnd(text + tail, spelled.slice(0, count));
      if (starts === undefined) continue;
      if (isThoughtAlone(spelled, starts, wanted)) return undefined;
      const sent = text + tail;
      const whole = utf8(wanted.whole);
      const length = sent.startsWith(whole, from) ? whole.length : utf8(wanted.body).length;
      return within(starts, from, from + length, sent, sent.startsWith(whole, from));
    }
  }
  return undefined;
}

/** A text as one character a byte, which strings can be searched and compared in. */
function utf8(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 4096) binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return binary;
}

/** A replacement character, as bytes. */
const unknownBytes = '\xef\xbf\xbd';

/** The bytes of a token; undefined for one that is spelled by a replacement character, whose bytes nobody knows. */
function bytesOf({ text, bytes }: SpelledToken): string | undefined {
  const spelled = bytes === undefined ? named(text) : String.fromCharCode(...bytes.slice(0, 4096));
  return spelled.includes(unknownBytes) ? undefined : spelled;
}

/** A token's text as bytes; OpenAI's completions write half a character as `bytes:\xe2\x80`. */
const named = (text: string): string =>
  /^bytes:(\\x[0-9a-f]{2})+$/i.test(text)
    ? text.slice(6).replace(/\\x(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : utf8(text);

/** How many tokens are left without those that only end a turn: spelled as control tokens, or as nothing. */
function lengthWithoutEnds(spelled: readonly (string | undefined)[], ends: readonly string[]): number {
  let count = spelled.length;
  while (count > 0 && (spelled[count - 1] === '' || ends.includes(spelled[count - 1] ?? '?'))) count--;
  return count;
}

/** What may follow the text in its last token: nothing, a stop string, or the rest of the token from a stop string on. */
function tailsOf(last: string | undefined, stops: readonly string[]): string[] {
  const runOn = stops.flatMap((stop) => {
    const at = last === undefined || stop === '' ? -1 : last.indexOf(stop);
    return at < 0 ? [] : [last!.slice(at)];
  });
  return [...new Set(['', ...stops, ...runOn])];
}

/** Most bytes a token of unknown spelling may stand for. */
const mostBytes = 12;

/**
 * Where each token starts in a text that ends where the tokens end, from the last token to the first: those that come before
 * the text have none. Undefined when they do not spell it.
 */
function startsFromEnd(text: string, spelled: readonly (string | undefined)[]): (number | undefined)[] | undefined {
  const starts = new Array<number | undefined>(spelled.length).fill(undefined);
  let at = text.length;
  /** Bytes that tokens of unknown spelling, passed since the last known one, may stand for. */
  let loose = 0;
  for (let index = spelled.length - 1; index >= 0; index--) {
    const token = spelled[index];
    if (at === 0 && !isPieceOf(text, token)) return starts;
    if (token === undefined || token === '') {
      loose += token === undefined ? mostBytes : 0;
      starts[index] = at;
      continue;
    }
    if (loose === 0 && token.length <= at && text.startsWith(token, at - token.length)) at -= token.length;
    else if (loose > 0) {
      const floor = Math.max(0, at - token.length - loose);
      const found = text.slice(floor, at).lastIndexOf(token);
      if (found < 0) return at <= loose ? starts : undefined;
      at = floor + found;
      loose = 0;
    } else if (at > 0 && token.endsWith(text.slice(0, at)) && token.slice(0, -at).trim() === '') {
      // A blank before the text that the server took off.
      starts[index] = -1;
      return starts;
    } else return undefined;
    starts[index] = at;
  }
  return at <= loose ? starts : undefined;
}

/** Whether a token before the start of a text is a piece of its first character, which only the last piece spells. */
const isPieceOf = (text: string, token: string | undefined): boolean => token === '' && text.charCodeAt(0) >= 0x80;

/** Whether the tokens are those of a thought that happens to end as the text does, and not of thought and text. */
function isThoughtAlone(
  spelled: readonly (string | undefined)[],
  starts: readonly (number | undefined)[],
  { reasoning = '' }: WantedSpan,
): boolean {
  const first = starts.findIndex((start) => start !== undefined);
  const before = spelled.slice(0, first).reduce((total, token) => total + (token?.length ?? mostBytes), 0);
  return before > 0 && before < utf8(reasoning.trim()).length;
}

/** The tokens that start in [from, to) of a text. A start of -1 is that of a token whose blank before the text was taken off. */
function within(
  starts: readonly (number | undefined)[],
  from: number,
  to: number,
  text: string,
  isWhole: boolean,
): TokenSpan | undefined {
  const start = starts.findIndex((at) => at !== undefined && (at >= from || (at === -1 && from === 0)));
  const after = starts.findIndex((at, index) => index >= start && at !== undefined && at >= to);
  const end = after < 0 ? starts.length : after;
  if (start < 0 || end <= start) return undefined;
  // What is spelled as nothing after half a character may be its other half.
  const endsThere =
    after < 0 ? to === text.length : starts[after] === to && (to < text.length || isAscii(text, to - 1));
  return { start, end, exact: isWhole && starts[start] === from && endsThere };
}

const isAscii = (text: string, at: number): boolean => text.charCodeAt(at) < 0x80;
