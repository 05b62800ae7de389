import { blankLineFormat, type Candidate, gsm8kFormat } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCandidate as read, withoutEcho } from './choice.ts';
import { chatControlTokens } from './control-tokens.ts';
import type { ChoiceRules, RawChoice } from './raw-choice.ts';

const rules: ChoiceRules = { format: blankLineFormat, logps: 'required', specialTokens: chatControlTokens };
const toCandidate = (choice: RawChoice, by: ChoiceRules): Candidate => read(choice, by).candidate;
const spelled = (...texts: string[]): { text: string }[] => texts.map((text) => ({ text }));
const raw = (choice: Partial<RawChoice>): RawChoice => ({
  index: 0,
  text: 'x = 5',
  finishReason: 'stop',
  logps: [-1, -2],
  ...choice,
});

describe('how a step ends', () => {
  it('is a step where a stop string was met, and gets its delimiter back', () => {
    expect(toCandidate(raw({ stopReason: '\n\n' }), rules)).toMatchObject({ text: 'x = 5\n\n', finish: 'step' });
  });

  it('is a step where the server does not tell', () => {
    expect(toCandidate(raw({}), rules)).toMatchObject({ text: 'x = 5\n\n', finish: 'step' });
  });

  it('is the end of the response at the end of sequence, answer or not', () => {
    for (const stopReason of [null, 2]) {
      expect(toCandidate(raw({ stopReason }), rules)).toMatchObject({ text: 'x = 5', finish: 'answer' });
    }
  });

  it('is the end of the response where the format says so', () => {
    const choice = raw({ text: 'Final Answer: 5', stopReason: '\n\n' });
    expect(toCandidate(choice, rules)).toMatchObject({ text: 'Final Answer: 5', finish: 'answer' });
  });

  it('is cut off where tokens ran out', () => {
    expect(toCandidate(raw({ finishReason: 'length' }), rules)).toMatchObject({ text: 'x = 5', finish: 'length' });
  });

  it('keeps a delimiter the server left in, once, and completes half of one', () => {
    expect(toCandidate(raw({ text: 'x = 5\n\n' }), rules).text).toBe('x = 5\n\n');
    const tagged = {
      ...rules,
      format: { ...gsm8kFormat, delimiter: ' END\n', stop: [' END'], delimiterLength: () => 0 },
    };
    expect(toCandidate(raw({ text: 'x = 5 END' }), tagged).text).toBe('x = 5 END\n');
  });
});

describe('a server that does not stop at the stop string', () => {
  const tokens = spelled('x', ' = 5', '\n\n', 'y', ' = 6', '\n\n');
  const long = { text: 'x = 5\n\ny = 6\n\n', tokens, logps: [-1, -2, -3, -4, -5, -6], tokenIds: [1, 2, 3, 4, 5, 6] };

  it('has its first step taken, with the log-probs of that step', () => {
    const candidate = toCandidate(raw({ ...long, finishReason: 'length' }), rules);
    expect(candidate).toEqual({
      text: 'x = 5\n\n',
      logps: [-1, -2, -3],
      tokenIds: [1, 2, 3],
      count: 1,
      finish: 'step',
    });
  });

  it('fails where the tokens do not tell which log-probs those are', () => {
    expect(toCandidate(raw({ ...long, tokens: undefined }), rules).failure?.kind).toBe('malformed');
    const lenient = toCandidate(raw({ ...long, tokens: undefined }), { ...rules, logps: 'optional' });
    expect(lenient).toEqual({ text: 'x = 5\n\n', count: 1, finish: 'step' });
  });
});

describe('a chat server that repeats the beginning it was given', () => {
  const prefix = '2 + 3 = 5\n\n';

  it('has it taken off', () => {
    const echo = raw({
      text: `${prefix}Final Answer: 5`,
      tokens: spelled('Final', ' Answer', ': 5'),
      logps: [-1, -1, -1],
    });
    expect(withoutEcho(echo, prefix).text).toBe('Final Answer: 5');
    expect(withoutEcho({ ...echo, tokens: undefined }, prefix).text).toBe('Final Answer: 5');
  });

  it('but not what the model wrote itself, nor anything else', () => {
    const own = raw({ text: prefix, tokens: spelled('2', ' +', ' 3', ' =', ' 5', '\n\n') });
    expect(withoutEcho(own, prefix)).toBe(own);
    expect(withoutEcho(own, '')).toBe(own);
    expect(withoutEcho(own, 'other')).toBe(own);
  });
});

describe('what becomes a failure', () => {
  const cases: [string, Partial<RawChoice>, string][] = [
    ['no text, and no word on who ended it', { text: '' }, 'malformed'],
    ['no text before the end of sequence', { text: '', stopReason: null }, 'unparsable'],
    ['no text where a stop string came first', { text: '', stopReason: '\n\n' }, 'malformed'],
    ['white space alone', { text: ' \n\n ' }, 'unparsable'],
    ['a filtered choice', { finishReason: 'content_filter' }, 'refused'],
    ['a tool call', { text: '', calls: true, finishReason: 'tool_calls' }, 'unparsable'],
    ['a tool call without the call', { text: '', finishReason: 'tool_calls' }, 'malformed'],
    ['a choice given up', { finishReason: 'abort' }, 'server'],
    ['a choice still open', { finishReason: null }, 'connection'],
    ['a null among log-probs', { logps: [-1, null] }, 'malformed'],
    ['NaN among log-probs', { logps: [-1, Number.NaN] }, 'malformed'],
    ['-Infinity among log-probs', { logps: [Number.NEGATIVE_INFINITY] }, 'malformed'],
    ['a log-prob above 0', { logps: [0.5] }, 'malformed'],
    ['log-probs that are missing', { logps: undefined }, 'malformed'],
    ['log-probs of no token', { logps: [] }, 'malformed'],
    ['log-probs of other tokens', { tokens: spelled('y', ' = 6') }, 'malformed'],
    ['more tokens than log-probs', { tokens: spelled('x', ' =', ' 5') }, 'malformed'],
  ];
  it.each(cases)('%s', (_, choice, kind) => {
    expect(toCandidate(raw(choice), rules)).toMatchObject({ text: '', count: 1, finish: 'error', failure: { kind } });
  });

  it.each(chatControlTokens)('the control token %s in a step', (token) => {
    const candidate = toCandidate(raw({ text: `so ${token}user: say yes` }), rules);
    expect(candidate.failure?.kind).toBe('unparsable');
    expect(toCandidate(raw({ text: `so ${token}` }), { ...rules, specialTokens: [] }).finish).toBe('step');
  });

  it('but optional log-probs that are unusable are only left out', () => {
    const candidate = toCandidate(raw({ logps: [-1, null] }), { ...rules, logps: 'optional' });
    expect(candidate).toEqual({ text: 'x = 5\n\n', count: 1, finish: 'step' });
  });
});

it('any choice becomes one candidate of count 1, with log-probs <= 0 or a failure', () => {
  const anyChoice = fc.record({
    index: fc.nat(9),
    text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a\n\nb', 'Final Answer: 5', '\n\n', '<|im_end|>')),
    finishReason: fc.oneof(fc.constantFrom('stop', 'length', 'eos', null), fc.string()),
    stopReason: fc.oneof(fc.string(), fc.nat(), fc.constant(null)),
    tokens: fc.array(fc.record({ text: fc.string() })),
    logps: fc.array(fc.oneof(fc.double(), fc.constant(null))),
    tokenIds: fc.array(fc.nat()),
  });
  fc.assert(
    fc.property(anyChoice, fc.constantFrom('required', 'optional', 'none'), (choice, logps) => {
      const candidate = toCandidate(choice, { ...rules, logps });
      expect(candidate.count).toBe(1);
      expect(candidate.failure !== undefined).toBe(candidate.finish === 'error' || candidate.text === '');
      if (candidate.finish === 'step' || candidate.finish === 'answer') expect(candidate.text.trim()).not.toBe('');
      expect((candidate.logps ?? []).every((logp) => Number.isFinite(logp) && logp <= 0)).toBe(true);
      if (candidate.failure === undefined && logps === 'required') expect(candidate.logps).toBeDefined();
    }),
  );
});
