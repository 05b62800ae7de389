/**
 * Where each token starts in a text, in UTF-16 code units, from the tokens' own spellings. Marks before the text (a
 * begin-of-sequence token) take no room; a token that is only some bytes of a character (spelled with U+FFFD) is put where
 * that character starts. Undefined when the tokens are not those of the text.
 *
 * Spellings are used and not the servers' `text_offset`, which counts code points in vLLM, bytes elsewhere, and counts the
 * begin-of-sequence mark too. The first token may be null, unknown, as vLLM's `prompt_logprobs` leaves it: it then takes
 * the least room with which the others fit.
 *
 * @example
 * ```ts
 * import { alignTokens } from '@svo/policy';
 * alignTokens('2 + 3', ['<s>', '2', ' +', ' 3']); // => [0, 0, 1, 3]
 * alignTokens('2 + 3', [null, ' +', ' 3']); // => [0, 1, 3]
 * alignTokens('2 + 3', ['2', ' -']); // => undefined
 * ```
 */
export function alignTokens(text: string, tokens: readonly (string | null)[]): readonly number[] | undefined {
  const [first, ...rest] = tokens;
  if (first !== null) return alignSpelled(text, tokens as readonly string[]);
  for (let room = 0; room <= Math.min(longestToken, text.length); room++) {
    const starts = alignSpelled(text.slice(room), rest as readonly string[]);
    if (starts !== undefined) return [0, ...starts.map((start) => start + room)];
  }
  return undefined;
}

/** No vocabulary in use has longer tokens that a prompt begins with. */
const longestToken = 128;

function alignSpelled(text: string, tokens: readonly string[]): readonly number[] | undefined {
  const starts: number[] = [];
  let at = 0;
  /** Tokens of bytes since the last one that was spelled out. */
  let bytes = 0;
  for (const token of tokens) {
    if (token === '' || token.includes('\ufffd')) {
      starts.push(at);
      if (token !== '') bytes++;
      continue;
    }
    const found = bytes === 0 ? (text.startsWith(token, at) ? at : -1) : text.indexOf(token, at);
    if (found >= 0 && found <= at + bytes * mostUnits) {
      starts.push(found);
      at = found + token.length;
      bytes = 0;
    } else if (at === 0 && bytes === 0) starts.push(0);
    else return undefined;
  }
  return text.length - at <= bytes * mostUnits ? starts : undefined;
}

/** Code units a token of bytes may stand for: one character outside the basic plane takes two, and a token may end one and begin another. */
const mostUnits = 4;

/**
 * Sums of log-probs by step. A token belongs to the step it starts in: one that begins in the prompt and ends in the
 * first step is the prompt's. `bounds[s]` and `bounds[s + 1]` are the ends of step s in the text. `[S]`, nats.
 *
 * @example
 * ```ts
 * import { sumByStep } from '@svo/policy';
 * sumByStep([0, 1, 3, 4], [null, -1, -2, -4], [1, 3, 5]); // => [-1, -6]
 * ```
 */
export function sumByStep(
  starts: readonly number[],
  logps: readonly (number | null)[],
  bounds: readonly number[],
): readonly number[] {
  const sums = new Array<number>(bounds.length - 1).fill(0);
  let step = 0;
  starts.forEach((start, at) => {
    while (step < sums.length && start >= bounds[step + 1]!) step++;
    if (step < sums.length && start >= bounds[0]!) sums[step]! += logps[at] ?? 0;
  });
  return sums;
}
