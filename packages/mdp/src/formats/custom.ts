import { assertOptions } from '../options.ts';
import type { Step } from '../types.ts';
import { cutsOutside, protectedSpans } from './blocks.ts';
import { cutAt, join, type StepFormat } from './format.ts';

/** What tells one format from another; everything else follows from it. */
export interface FormatRules {
  readonly id: string;
  /** What a complete step ends with. */
  readonly delimiter: string;
  /** Where a generator should end a step. Default: the delimiter. */
  readonly stop?: readonly string[];
  /** A step ends after each match (a run of delimiters is one match). */
  readonly after?: RegExp;
  /** A step begins before each match: for formats whose steps open with a word or a tag. */
  readonly before?: RegExp;
  /** Matches in a terminal step. */
  readonly terminal: RegExp;
  /** The answer is the last match's first group, trimmed. */
  readonly answer: RegExp;
  /** Pairs of opening and closing strings between which nothing is cut, beside display math and code fences. */
  readonly whole?: readonly (readonly [open: string, close: string])[];
}

const global = (expression: RegExp): RegExp =>
  new RegExp(expression.source, expression.flags.includes('g') ? expression.flags : `${expression.flags}g`);

const lastGroup = (text: string, expression: RegExp): string | undefined => {
  let found: string | undefined;
  for (const match of text.matchAll(expression)) found = match[1]?.trim();
  return found || undefined;
};

/**
 * A step format of one's own, from expressions. Steps keep their delimiters, so `join(split(text)) === text` whatever the
 * expressions are; display math and code fences are never cut.
 *
 * @param rules see {@link FormatRules}; at least one of `after` and `before`
 * @throws RangeError when neither `after` nor `before` is given
 * @example
 * ```ts
 * import { customFormat } from '@svo/mdp';
 * const numbered = customFormat({
 *   id: 'numbered',
 *   delimiter: '\n',
 *   before: /^Step \d+:/m,
 *   terminal: /^Answer:/m,
 *   answer: /^Answer:(.*)$/m,
 * });
 * numbered.split('Step 1: 2 + 3\nStep 2: so 5\nAnswer: 5'); // => ['Step 1: 2 + 3\n', 'Step 2: so 5\nAnswer: 5']
 * numbered.answer('Step 1: 2 + 3\nStep 2: so 5\nAnswer: 5'); // => '5'
 * ```
 */
export function customFormat(rules: FormatRules): StepFormat {
  assertOptions('customFormat', rules, ['id', 'delimiter', 'stop', 'after', 'before', 'terminal', 'answer', 'whole']);
  const { id, delimiter, stop = [delimiter], terminal } = rules;
  if (rules.after === undefined && rules.before === undefined) {
    throw new RangeError(
      `customFormat: after or before must be given for '${id}', got neither (a text would never be cut)`,
    );
  }
  const after = rules.after && global(rules.after);
  const before = rules.before && global(rules.before);
  const answer = global(rules.answer);
  // A `g` or `y` flag would make `test` remember where it stopped.
  const isTerminalStep = new RegExp(terminal.source, terminal.flags.replace(/[gy]/g, ''));
  const split = (text: string): Step[] =>
    cutAt(text, cutsOutside(text, { after, before }, protectedSpans(text, rules.whole)));
  return {
    id,
    delimiter,
    stop,
    split,
    join,
    isTerminal: (step) => isTerminalStep.test(step),
    answer: (text) => lastGroup(text, answer),
    delimiterLength: (step) => {
      let length = 0;
      if (after)
        for (const match of step.matchAll(after))
          if (match.index + match[0].length === step.length) length = match[0].length;
      return length || (delimiter !== '' && step.endsWith(delimiter) ? delimiter.length : 0);
    },
  };
}
