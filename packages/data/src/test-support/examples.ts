/** Tokenizers and examples for the tests of this package. */
import fc from 'fast-check';
import type { Example } from '../examples/example.ts';
import type { TokenizerLike } from '../examples/tokenizer.ts';

/** A byte a token, with BOS, EOS and padding beyond the bytes. */
export const bytes: TokenizerLike = {
  encode: (text) => [...Buffer.from(text)],
  decode: (ids) => Buffer.from(ids).toString(),
  bosId: 256,
  eosId: 257,
  padId: 258,
};

/**
 * A byte-level tokenizer with merges across words, lines and characters, longest match first, as BPE vocabularies have:
 * its tokens need not end where steps or characters do.
 */
export const merging: TokenizerLike = (() => {
  const merges = ['.\n\n', '\n\n', 'Final Answer:', 'Final', ' =', 'step', '\n\nstep', '5\n', 'é'].map((text) => [
    ...Buffer.from(text),
  ]);
  // The first two bytes of an emoji as one token, the rest alone: tokens that end inside a character.
  merges.push([0xf0, 0x9f]);
  const longestFirst = merges
    .map((token, index) => ({ token, id: 300 + index }))
    .sort((a, b) => b.token.length - a.token.length);
  const pieces = new Map(longestFirst.map(({ token, id }) => [id, token]));
  return {
    encode: (text) => {
      const source = [...Buffer.from(text)];
      const ids: number[] = [];
      for (let at = 0; at < source.length; ) {
        const found = longestFirst.find(({ token }) => token.every((byte, offset) => source[at + offset] === byte));
        ids.push(found?.id ?? source[at]!);
        at += found?.token.length ?? 1;
      }
      return ids;
    },
    decode: (ids) => Buffer.from(ids.flatMap((id) => pieces.get(id) ?? [id])).toString(),
    bosId: 256,
    eosId: 257,
    padId: 258,
  };
})();

/** ChatML's special tokens beside the bytes: 300 `<|im_start|>`, 301 `<|im_end|>`, 302 `<|endoftext|>`. */
export const chatBytes: TokenizerLike = (() => {
  const specials = ['<|im_start|>', '<|im_end|>', '<|endoftext|>'];
  return {
    encode: (text) =>
      text.split(/(<\|im_start\|>|<\|im_end\|>|<\|endoftext\|>)/).flatMap((part) => {
        const at = specials.indexOf(part);
        return at === -1 ? [...Buffer.from(part)] : [300 + at];
      }),
    decode: (ids, { keepSpecialTokens = false } = {}) =>
      Buffer.concat(
        ids.map((id) => (id < 300 ? Buffer.from([id]) : Buffer.from(keepSpecialTokens ? specials[id - 300]! : ''))),
      ).toString(),
    eosId: 301,
    padId: 302,
  };
})();

/** Marks the beginning of every text it encodes, as SentencePiece does: pieces don't add up to the whole. */
export const marking: TokenizerLike = {
  encode: (text) => (text === '' ? [] : [256, ...Buffer.from(text)]),
  decode: (ids) => Buffer.from(ids.slice(1).map((id) => (id === 256 ? 0x20 : id))).toString(),
  padId: 258,
};

/** Trajectories whose texts have what steps are made of, with any Unicode between. */
export const trajectories: fc.Arbitrary<{ prompt: string; steps: string[]; credits: number[] }> = fc
  .record({
    prompt: fc.string({ unit: 'grapheme', maxLength: 12 }),
    bodies: fc.array(
      fc
        .array(fc.constantFrom('step', ' =', '5', '.', 'é', '😀', 'a', '\n', 'Final'), { minLength: 1, maxLength: 8 })
        .map((parts) => `x${parts.join('')}z`),
      { minLength: 1, maxLength: 5 },
    ),
    delimiter: fc.constantFrom('\n\n', '\n\n\n', '.\n\n'),
    ending: fc.constantFrom('', 'Final Answer: 5', 'Final Answer: 5\n\n'),
  })
  .map(({ prompt, bodies, delimiter, ending }) => {
    const steps = [...bodies.map((body) => body + delimiter), ...(ending === '' ? [] : [ending])];
    return { prompt, steps, credits: steps.map((_, t) => t / 8) };
  });

/** Examples of every shape: prompts, delimiters and EOS between the scored tokens. */
export const examples: fc.Arbitrary<Example> = fc
  .record({
    prompt: fc.array(fc.nat(99), { maxLength: 4 }),
    steps: fc.array(fc.record({ scored: fc.integer({ min: 1, max: 4 }), rest: fc.nat(2) }), {
      minLength: 1,
      maxLength: 5,
    }),
    terminal: fc.boolean(),
    known: fc.boolean(),
  })
  .map(({ prompt, steps, terminal, known }) => {
    const stepIds = [
      ...prompt.map(() => -1),
      ...steps.flatMap(({ scored, rest }, step) => [...Array(scored).fill(step), ...Array(rest).fill(-1)]),
    ];
    return {
      ids: stepIds.map((step, at) => prompt[at] ?? 100 + 10 * (step + 1) + (at % 10)),
      stepIds,
      credits: steps.map((_, step) => (step + 1) / 4),
      terminal,
      ...(known && { referenceLogps: steps.map((_, step) => -step - 0.5) }),
    };
  });
