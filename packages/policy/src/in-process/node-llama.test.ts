/** `nodeLlamaPolicy` and `nodeLlamaScorer` on a context of known numbers, and on node-llama-cpp itself where it is told of. */
import { pathToFileURL } from 'node:url';
import type { Candidate, StepFormat } from '@svo/mdp';
import { blankLineFormat } from '@svo/mdp';
import { describe, expect, it } from 'vitest';
import { toyLlamaContext, toyLogp } from '../test-support/toy-llama-context.ts';
import { countOf } from '../wrappers/candidates.ts';
import type { LlamaContext } from './llama-context.ts';
import { nodeLlamaPolicy } from './node-llama-policy.ts';
import { nodeLlamaScorer } from './node-llama-scorer.ts';

const question = { id: 'q', prompt: 'ab' };
const state = { questionId: 'q', steps: ['a.\n\n'] };
const settings = { model: 'toy', format: blankLineFormat satisfies StepFormat, maxTokens: 12 };
const request = { question, state, count: 6, seed: 3 };
const written = (candidates: readonly Candidate[]): readonly Candidate[] => candidates.filter(({ logps }) => logps);

describe('nodeLlamaPolicy', () => {
  it('gives the ids that were drawn and the model’s own log-probs, whatever the temperature', async () => {
    for (const sampling of [{}, { temperature: 0.5 }, { temperature: 2, topK: 3, topP: 0.9 }, { temperature: 0 }]) {
      const policy = nodeLlamaPolicy({ context: toyLlamaContext(), ...settings, ...sampling });
      const candidates = await policy.propose(request);
      expect(countOf(candidates)).toBe(6);
      const { model } = toyLlamaContext();
      for (const { text, tokenIds, logps } of written(candidates)) {
        expect(model.detokenize(tokenIds as never, false)).toBe(text);
        const before = [...model.tokenize('ab', false), ...model.tokenize('a.\n\n', false)];
        for (const [at, id] of tokenIds!.entries()) {
          expect(logps![at]).toBeCloseTo(toyLogp(before, id), 12);
          before.push(id);
        }
      }
      expect(written(candidates)).not.toEqual([]);
    }
  });

  it('repeats a seed’s draws, whatever was asked before, and draws others from another seed', async () => {
    const policy = nodeLlamaPolicy({ context: toyLlamaContext(), ...settings });
    const first = await policy.propose(request);
    const other = await policy.propose({ ...request, seed: 4 });
    expect(other).not.toEqual(first);
    expect(await policy.propose(request)).toEqual(first);
    expect(new Set(first.map(({ text }) => text)).size).toBeGreaterThan(1);
  });

  it('ends a step at its stop string and a response at the end of sequence', async () => {
    const policy = nodeLlamaPolicy({ context: toyLlamaContext(), ...settings, maxTokens: 40 });
    const candidates = written(await policy.propose({ ...request, count: 30 }));
    expect(new Set(candidates.map(({ finish }) => finish))).toEqual(new Set(['step', 'answer']));
    for (const { finish, text } of candidates) expect(text.endsWith('\n\n')).toBe(finish === 'step');
  });

  it('lends out no more sequences than there are, and serves all', async () => {
    const context = toyLlamaContext(3);
    const policy = nodeLlamaPolicy({ context, ...settings });
    const alone = await nodeLlamaPolicy({ context: toyLlamaContext(), ...settings }).propose(request);
    const all = await Promise.all(Array.from({ length: 9 }, () => policy.propose(request)));
    for (const candidates of all) expect(candidates).toEqual(alone);
    expect(context.counts).toMatchObject({ made: 3, most: 3 });
  });

  it('says why there are no draws: cancelled, or no room', async () => {
    const policy = nodeLlamaPolicy({ context: toyLlamaContext(1, 16), ...settings });
    const [cancelled] = await policy.propose(request, AbortSignal.abort());
    expect(cancelled).toMatchObject({ count: 6, finish: 'error', failure: { kind: 'refused' } });
    expect(cancelled!.failure!.message).toBe(
      '18 tokens do not fit into a sequence of 16 (createContext({ contextSize }) makes larger ones)',
    );
    const roomy = nodeLlamaPolicy({ context: toyLlamaContext(), ...settings });
    expect(await roomy.propose(request, AbortSignal.abort())).toMatchObject([
      { count: 6, finish: 'error', failure: { kind: 'cancelled' } },
    ]);
  });

  it('refuses options that cannot work', () => {
    const context = toyLlamaContext();
    for (const [wrong, message] of [
      [{ topP: 0 }, 'nodeLlamaPolicy: topP must be in (0, 1], got 0'],
      [{ maxTokens: 0 }, 'nodeLlamaPolicy: maxTokens must be an integer ≥ 1, got 0'],
      [{ temperature: -1 }, 'nodeLlamaPolicy: temperature must be ≥ 0 and finite (0 is greedy), got -1'],
      [{ url: 'x' }, "nodeLlamaPolicy: unknown option 'url'"],
    ] as const)
      expect(() => nodeLlamaPolicy({ context, ...settings, ...wrong } as never)).toThrow(message);
  });
});

describe('nodeLlamaScorer', () => {
  it('gives drawn steps the log-probs they were drawn with, and others those of their text', async () => {
    const context = toyLlamaContext(2);
    const [drawn] = written(await nodeLlamaPolicy({ context, ...settings }).propose(request));
    const scorer = nodeLlamaScorer({ context, model: 'toy' });
    const steps = [...state.steps, drawn!.text];
    const draws = [undefined, { tokenIds: drawn!.tokenIds!, logps: drawn!.logps! }];
    const scores = await scorer.score([
      { question, state: { questionId: 'q', steps, draws } as never },
      { question, state: { questionId: 'q', steps } },
    ]);
    for (const { logps } of scores)
      expect(logps[1]).toBeCloseTo(
        drawn!.logps!.reduce((a, b) => a + b, 0),
        12,
      );
    const { model } = context;
    const [before, own] = [model.tokenize('ab', false), model.tokenize('a.\n\n', false)];
    const due = own.reduce((sum, id, at) => sum + toyLogp([...before, ...own.slice(0, at)], id), 0);
    expect(scores[0]!.logps[0]).toBeCloseTo(due, 12);
  });
});

const [packageFile, gguf] = [process.env.SVO_NODE_LLAMA_CPP, process.env.SVO_SMOLLM2_GGUF];
if (!packageFile || !gguf)
  console.warn(
    'SVO_NODE_LLAMA_CPP (its dist/index.js) or SVO_SMOLLM2_GGUF is not set: node-llama-cpp itself is not tried',
  );

describe.skipIf(!packageFile || !gguf)('node-llama-cpp', () => {
  it('draws by the seed, with the log-probs its scorer gives', async () => {
    const { getLlama } = (await import(pathToFileURL(packageFile!).href)) as {
      getLlama: (
        options: object,
      ) => Promise<{ loadModel: (o: object) => Promise<{ createContext: (o: object) => Promise<LlamaContext> }> }>;
    };
    const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
    const model = await llama.loadModel({ modelPath: gguf });
    const context = await model.createContext({ sequences: 1, contextSize: 512 });
    const policy = nodeLlamaPolicy({ context, model: 'SmolLM2', format: blankLineFormat, maxTokens: 16 });
    const asked = {
      question: { id: 'q', prompt: 'The capital of France is' },
      state: { questionId: 'q', steps: [] },
      count: 3,
      seed: 7,
    };
    const first = await policy.propose(asked);
    expect(countOf(first)).toBe(3);
    expect(await policy.propose(asked)).toEqual(first);
    const [drawn] = written(first);
    const { text, tokenIds, logps } = drawn!;
    const scored = { questionId: 'q', steps: [text], draws: [{ tokenIds, logps }] };
    const [score] = await nodeLlamaScorer({ context, model: 'SmolLM2' }).score([
      { question: asked.question, state: scored as never },
    ]);
    expect(score!.logps[0]).toBeCloseTo(
      logps!.reduce((a, b) => a + b, 0),
      9,
    );
  });
});
