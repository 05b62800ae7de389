/** The log-probs that our own model gives to what a server drew or scored: the same weights, another engine. */
import type { Candidate, Question } from '@svo/mdp';
import type { loadPretrained } from '@svo/models';
import { alignTokens, sumByStep } from '@svo/policy';
import { download, tf } from '@svo/tensor';

/** A model to compare servers with. */
export interface OwnModel {
  /** The largest difference between a server's log-probs of the tokens it drew and ours, nats. */
  readonly largestDifference: (question: Question, candidates: readonly Candidate[]) => Promise<number>;
  /** log π of each step, nats; a token belongs to the step it starts in. */
  readonly score: (question: Question, steps: readonly string[]) => Promise<readonly number[]>;
}

/** The comparison over a loaded model with a tokenizer. */
export function ownModel({ tokenizer, lm, params }: Awaited<ReturnType<typeof loadPretrained>>): OwnModel {
  if (tokenizer === undefined) throw new Error('ownModel: the model has no tokenizer');
  const tokenLogps = async (ids: readonly number[]): Promise<ArrayLike<number>> => {
    const input = tf.tensor2d([[...ids]], undefined, 'int32');
    const output = lm.tokenLogps(params, input);
    const { logps } = await download({ logps: output });
    tf.dispose([input, output]);
    return logps.data;
  };
  return {
    largestDifference: async (question, candidates) => {
      const prompt = tokenizer.encode(question.prompt);
      let worst = 0;
      for (const { logps, tokenIds, text } of candidates) {
        if (logps === undefined) continue;
        const own = await tokenLogps([...prompt, ...(tokenIds ?? tokenizer.encode(text).slice(0, logps.length))]);
        logps.forEach((logp, at) => {
          worst = Math.max(worst, Math.abs(logp - own[prompt.length + at]!));
        });
      }
      return worst;
    },
    score: async (question, steps) => {
      const text = question.prompt + steps.join('');
      const ids = tokenizer.encode(text);
      const spelled = ids.map((id) => tokenizer.decode([id]));
      const starts = alignTokens(text, spelled);
      if (starts === undefined) throw new Error(`ownModel: our tokens do not spell ${JSON.stringify(text)}`);
      const bounds = [question.prompt.length];
      for (const step of steps) bounds.push(bounds.at(-1)! + step.length);
      return sumByStep(starts, Array.from(await tokenLogps(ids)), bounds);
    },
  };
}
