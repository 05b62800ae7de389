import { assertOptions, createRng, type Rng, splitRng, uniform, uniforms } from '@svo/mdp';
import { drawIndex } from './draw-index.ts';
import type { SampledText, ScoredText, ServedModel } from './server/served-model.ts';

const words = [
  'Add',
  ' two',
  ' and',
  ' three',
  ',',
  ' so',
  ' x',
  ' =',
  ' 5',
  '.',
  '\n\n',
  'Final Answer: ',
  '5',
  '6',
  '🙂',
];
const endOfSequence = words.length;
const firstCodePoint = words.length + 1;
/** Probability left for whatever is not a word, spread over all code points. */
const strange = 0.01;
const codePoints = 0x110000;

/**
 * A small Markov model over words, with exact log-probs of any text: what the test server serves when nothing else is
 * asked for. Words it doesn't know are spelled by code points. Steps end in blank lines, responses in `Final Answer: 5`.
 *
 * @example
 * ```ts
 * import { toyModel } from '@svo/policy/testing';
 * const model = toyModel({ seed: 3 });
 * const { tokens, logps, text } = model.sample('Go. ', { seed: 1, maxTokens: 50, stop: ['\n\n'] });
 * logps.length === tokens.length && logps.every((logp) => logp <= 0); // => true
 * text.includes('\n\n'); // => false
 * ```
 */
export function toyModel(options: { readonly seed: number }): ServedModel {
  assertOptions('toyModel', options, ['seed']);
  const root = createRng(options.seed);
  const rows = Array.from({ length: words.length + 2 }, (_, previous) =>
    distribution(splitRng(root, previous), previous),
  );
  const rowOf = (previous: number): readonly number[] => rows[Math.min(previous, rows.length - 1)]!;
  const logp = (previous: number, id: number): number => {
    const p = id < firstCodePoint ? rowOf(previous)[id]! : strange / codePoints;
    return Math.log(p);
  };
  const score = (text: string): ScoredText => {
    const tokenIds = encode(text);
    return {
      tokenIds,
      tokens: tokenIds.map(spell),
      logps: tokenIds.map((id, at) => (at === 0 ? null : logp(tokenIds[at - 1]!, id))),
    };
  };
  return {
    name: `toy-${options.seed}`,
    score,
    // A number in (−1, 1) that depends on the whole text.
    value: (text) => 2 * uniform(splitRng(root, `value ${text}`))[0] - 1,
    sample: (prompt, { seed, maxTokens, stop }) => {
      const drawn: { id: number; logp: number }[] = [];
      let previous = encode(prompt).at(-1) ?? endOfSequence;
      let text = '';
      for (const u of uniforms(splitRng(createRng(seed), 'toy'), maxTokens)) {
        const id = drawIndex(rowOf(previous), u * (1 - strange));
        drawn.push({ id, logp: logp(previous, id) });
        if (id === endOfSequence) return finish(drawn, text, 'stop', null);
        text += spell(id);
        const met = stop.find((string) => string !== '' && text.includes(string));
        if (met !== undefined) return finish(drawn, text.slice(0, text.indexOf(met)), 'stop', met);
        previous = id;
      }
      return finish(drawn, text, 'length', null);
    },
  };
}

function finish(
  drawn: readonly { id: number; logp: number }[],
  text: string,
  finishReason: SampledText['finishReason'],
  stopReason: string | null,
): SampledText {
  const tokenIds = drawn.map(({ id }) => id);
  return {
    tokenIds,
    tokens: tokenIds.map(spell),
    logps: drawn.map((draw) => draw.logp),
    text,
    finishReason,
    stopReason,
  };
}

/** Random weights, bent so that steps and answers come about: a step starts with a word, an answer ends the response. */
function distribution(rng: Rng, previous: number): number[] {
  const weights = [...uniforms(rng, words.length + 1)].map((u) => 0.05 + u);
  const [blank, answer] = [words.indexOf('\n\n'), words.indexOf('Final Answer: ')];
  weights[endOfSequence] = previous === words.indexOf('5') || previous === words.indexOf('6') ? 2000 : 0.02;
  weights[answer] = previous === blank ? 4 : 0.02;
  // No step is empty: nothing ends where a step begins, be it after a prompt of unknown words.
  weights[blank] = previous === blank || previous === 0 || previous > endOfSequence ? 0.001 : 1.5;
  for (const digit of ['5', '6']) weights[words.indexOf(digit)] = previous === answer ? 2000 : 0.02;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => ((1 - strange) * weight) / total);
}

function spell(id: number): string {
  if (id === endOfSequence) return '';
  return id < words.length ? words[id]! : String.fromCodePoint(id - firstCodePoint);
}

/** Longest word first, else one code point. */
function encode(text: string): number[] {
  const ids: number[] = [];
  for (let at = 0; at < text.length; ) {
    let best = -1;
    words.forEach((word, id) => {
      if (text.startsWith(word, at) && word.length > (words[best]?.length ?? 0)) best = id;
    });
    const point = text.codePointAt(at)!;
    ids.push(best >= 0 ? best : firstCodePoint + point);
    at += best >= 0 ? words[best]!.length : String.fromCodePoint(point).length;
  }
  return ids;
}
