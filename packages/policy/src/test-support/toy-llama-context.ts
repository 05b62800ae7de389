/** A `LlamaContext` over a model of two-letter memory: what node-llama-cpp promises, on numbers that can be computed by hand. */
import { createRng, uniforms } from '@svo/mdp';
import type { LlamaAnswer, LlamaAsk, LlamaContext } from '../in-process/llama-context.ts';

/** The end of sequence, then one letter a token. */
const letters: readonly string[] = ['', ...'ab.\n'];
const eog = 0;

/** Logits of what follows two letters. */
const toyLogits = (before: readonly number[]): number[] => {
  const [one = 7, other = 5] = [before.at(-1), before.at(-2)];
  return letters.map((_, id) => (id === eog ? -1 : 2 * Math.sin(1 + id * 3 + one * 5 + other * 7)));
};

/** ln softmax of them. */
export const toyLogp = (before: readonly number[], id: number): number => {
  const logits = toyLogits(before);
  return logits[id]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
};

const draw = (logits: number[], { temperature, seed = 0 }: LlamaAsk['generateNext']['options']): number => {
  if (temperature === 0) return logits.indexOf(Math.max(...logits));
  const weights = logits.map((logit) => Math.exp(logit / temperature));
  let left = uniforms(createRng(seed), 1)[0]! * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    }),
  );
};

/** How many sequences were given out, and how many were at work at one time. */
export interface ToyCounts {
  made: number;
  working: number;
  most: number;
}

export const toyLlamaContext = (
  totalSequences = 1,
  contextSize = 64,
): LlamaContext & { readonly counts: ToyCounts } => {
  const counts: ToyCounts = { made: 0, working: 0, most: 0 };
  const spell = (ids: readonly number[]): string => ids.map((id) => letters[id]).join('');
  return {
    counts,
    totalSequences,
    model: {
      tokens: { bos: null, shouldPrependBosToken: false },
      tokenize: (text) => [...text].map((letter) => letters.indexOf(letter)),
      detokenize: (ids: readonly number[]) => spell(ids),
      isEogToken: (id: number) => id === eog,
    },
    getSequence() {
      if (++counts.made > totalSequences) throw new Error('no sequences left');
      let held: number[] = [];
      return {
        contextSize,
        get contextTokens() {
          return held;
        },
        async clearHistory() {
          held = [];
        },
        async adaptStateToTokens(tokens: readonly number[]) {
          const parted = held.findIndex((id, at) => id !== tokens[at]);
          held = held.slice(0, parted < 0 ? tokens.length : parted);
        },
        async controlledEvaluate(input: readonly (number | readonly [number, LlamaAsk])[]) {
          counts.most = Math.max(counts.most, ++counts.working);
          await new Promise((resolve) => setImmediate(resolve));
          counts.working--;
          return input.map((item): LlamaAnswer | undefined => {
            const [token, ask] = typeof item === 'number' ? [item] : item;
            held.push(token);
            if (!ask) return undefined;
            const { options, logits: wanted } = ask.generateNext;
            const logits = toyLogits(held);
            const drawn = draw(logits, options);
            const ids = [...(wanted?.filter.tokens ?? []), drawn];
            const top = Math.max(...logits);
            const totalLogitWeight = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
            return { next: { token: drawn, logits: new Map(ids.map((id) => [id, logits[id]!])), totalLogitWeight } };
          });
        },
      };
    },
  };
};
