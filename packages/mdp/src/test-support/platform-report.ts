/** One value that depends on all of this package; equal on two platforms when the package behaves the same on both. */
import {
  blankLineFormat,
  boxedFormat,
  contentHash,
  createRng,
  gsm8kFormat,
  initialState,
  integer,
  isTerminal,
  lambdaReturns,
  normals,
  outcomeRewards,
  permutation,
  renderPrefix,
  splitRng,
  stepCredits,
  transition,
  uniforms,
  xmlFormat,
} from '../index.ts';

const text =
  'So 2 + 3:\n\n$$x\n\ny$$\n#### 5\n<step>\n```sh\n\necho $$\n```\n</step>\n\nFinal Answer: \\boxed{é😀\ud800}';

/** Draws, hashes, states, splits and returns as JSON, under one hash. */
export function platformReport(): { hash: string; draws: number[] } {
  const rng = splitRng(splitRng(createRng(-7), 'π😀'), 3);
  const question = { id: 'q', prompt: 'p' };
  const state = blankLineFormat.split(text).reduce(transition, initialState(question));
  const draws = [...uniforms(rng, 50), ...normals(rng, 50), integer(rng, 1000)[0], ...permutation(rng, 100)];
  const hash = contentHash({
    draws,
    splits: [blankLineFormat, gsm8kFormat, boxedFormat, xmlFormat].map((format) => [
      format.split(text),
      format.answer(text) ?? null,
    ]),
    state: { state, prefix: renderPrefix(question, state), terminal: isTerminal(state, blankLineFormat) },
    returns: [
      lambdaReturns([0.1, 0.2, 1], [0.3, 0.4, 0], { lambda: 0.9, discount: 0.7 }),
      stepCredits(outcomeRewards(false, 2), [0.1, 0.7, 0]),
    ],
  });
  return { hash, draws };
}
