import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { xmlFormat as format, parseXmlStep, renderXmlStep } from './xml.ts';

const codeStep = renderXmlStep({
  thought: 'Add them.',
  code: 'print("</step>")\n<step>\n\n# $$',
  output: 'Final Answer: 7',
});
const plainStep = renderXmlStep({ thought: 'So it is 5.', finalAnswer: '$5$' });

describe('split', () => {
  test('C-steps and P-steps; code is never cut, whatever it prints', () => {
    expect(format.split(codeStep + plainStep)).toEqual([codeStep, plainStep]);
  });

  test('as an engine leaves it, without </step>', () => {
    const bare = [codeStep, plainStep].map((step) => step.replace('</step>\n', ''));
    expect(format.split(bare.join(''))).toEqual(bare);
  });

  test('a <step> inside a line begins nothing', () => {
    expect(format.split('<step>\n<p>\nthe tag <step> is\n</p>\n</step>').length).toBe(1);
  });

  test('code that is cut off holds nothing back', () => {
    expect(format.split('<step>\n<code>\nx = 1\n</step>\n<step>\n')).toEqual([
      '<step>\n<code>\nx = 1\n</step>\n',
      '<step>\n',
    ]);
  });
});

test('what code prints is no answer', () => {
  expect(format.isTerminal(codeStep)).toBe(false);
  expect(format.answer(codeStep)).toBeUndefined();
  expect(format.isTerminal(plainStep)).toBe(true);
  expect(format.answer(codeStep + plainStep)).toBe('$5$');
});

test('the delimiter is the closing tag with the space around it, or what is left of it', () => {
  expect(format.delimiterLength(plainStep)).toBe('\n</step>\n'.length);
  expect(format.delimiterLength('<step>\n<p>\na\n</p>\n')).toBe(1);
  expect(format.delimiterLength('<step>\n<p>\na')).toBe(0);
});

test('parse reads what render writes', () => {
  const line = fc.stringMatching(/^[a-zA-Z0-9$\\{}=+. ]{1,30}$/).map((text) => `t${text.trim()}`);
  fc.assert(
    fc.property(
      line,
      fc.option(line, { nil: undefined }),
      fc.option(line, { nil: undefined }),
      fc.option(line, { nil: undefined }),
      (thought, code, output, finalAnswer) => {
        const step = {
          thought,
          ...(code && { code }),
          ...(code && output && { output }),
          ...(finalAnswer && { finalAnswer }),
        };
        expect(parseXmlStep(renderXmlStep(step))).toEqual({ kind: code ? 'code' : 'plain', ...step });
      },
    ),
  );
});

test('parse reads a step that stopped inside its code', () => {
  expect(parseXmlStep('<step>\n<p>\nAdd.\n</p>\n<code>\nprint(5)\n')).toEqual({
    kind: 'code',
    thought: 'Add.',
    code: 'print(5)',
  });
});
