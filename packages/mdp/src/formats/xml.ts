import { customFormat } from './custom.ts';
import type { StepFormat } from './format.ts';
import { enclosed, union } from './span.ts';

/** A step of SVPO's format, read: a C-step has `code`, and `output` once it has been run; a P-step may state the answer. */
export interface XmlStep {
  readonly kind: 'code' | 'plain';
  /** The paragraphs, without their tags; the one that states the answer is left out. */
  readonly thought: string;
  readonly code?: string;
  readonly output?: string;
  readonly finalAnswer?: string;
}

const MARKER = 'Final Answer:';
const PROGRAM = [
  ['<code>', '</code>'],
  ['<output>', '</output>'],
] as const;
const ANSWER = /Final Answer:((?:(?!<\/p>|<\/step>|Final Answer:)[\s\S])*)/;

/** The text without code and what it printed: a program that prints "Final Answer:" states nothing. */
const prose = (text: string): string => {
  const spans = union(PROGRAM.flatMap((tags) => enclosed(text, tags)));
  return [...spans, [text.length, text.length] as const]
    .map(([start], index) => text.slice(spans[index - 1]?.[1] ?? 0, start))
    .join('');
};

/** The first `<tag>` of a step without its tags; to the end of the step when the engine has stopped inside it. */
const section = (step: string, tag: 'code' | 'output'): string | undefined => {
  const open = step.indexOf(`<${tag}>`);
  if (open === -1) return undefined;
  const start = open + tag.length + 2;
  const end = step.indexOf(`</${tag}>`, start);
  return step.slice(start, end === -1 ? step.length : end).replace(/^\n|\n$/g, '');
};

const tagged = customFormat({
  id: 'xml',
  delimiter: '\n</step>\n',
  stop: ['</step>'],
  after: /<\/step>\s*/,
  before: /^[ \t]*<step>/m,
  whole: PROGRAM,
  terminal: /Final Answer:/,
  answer: ANSWER,
});

/**
 * SVPO's format (2406.10858; the AlphaMath code): each step is a `<step>`; C-steps hold a thought, `<code>` and its
 * `<output>`, P-steps a thought, and the last one "Final Answer:". A missing `</step>`, which engines strip together with
 * the stop string, is no obstacle: the next `<step>` at the start of a line begins a step too. Code and output are never
 * cut. To run code while generating, stop at it as well: `{ ...xmlFormat, stop: ['</code>', '</step>'] }`.
 *
 * @example
 * ```ts
 * import { xmlFormat } from '@svo/mdp';
 * const text = '<step>\n<p>\n2 + 3 = 5\n</p>\n<step>\n<p>\nFinal Answer: $5$\n</p>\n';
 * xmlFormat.split(text).length; // => 2
 * xmlFormat.answer(text); // => '$5$'
 * ```
 */
export const xmlFormat: StepFormat = {
  ...tagged,
  isTerminal: (step) => tagged.isTerminal(prose(step)),
  answer: (text) => tagged.answer(prose(text)),
  delimiterLength: (step) => {
    const body = step.trimEnd();
    return step.length - (body.endsWith('</step>') ? body.slice(0, -'</step>'.length).trimEnd() : body).length;
  },
};

/**
 * Reads a step of SVPO's format, with or without its closing tags.
 *
 * @example
 * ```ts
 * import { parseXmlStep } from '@svo/mdp';
 * const step = '<step>\n<p>\nAdd.\n</p>\n<code>\nprint(2 + 3)\n</code>\n<output>\n5\n</output>\n</step>';
 * parseXmlStep(step); // => { kind: 'code', thought: 'Add.', code: 'print(2 + 3)', output: '5' }
 * ```
 */
export function parseXmlStep(step: string): XmlStep {
  const code = section(step, 'code');
  const output = section(step, 'output');
  const finalAnswer = xmlFormat.answer(step);
  const paragraphs = prose(step)
    .replace(/<(?:code|output)>[\s\S]*$/, '')
    .split(/<\/?(?:step|p)>/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith(MARKER));
  return {
    kind: code === undefined ? 'plain' : 'code',
    thought: paragraphs.join('\n'),
    ...(code !== undefined && { code }),
    ...(output !== undefined && { output }),
    ...(finalAnswer !== undefined && { finalAnswer }),
  };
}

/**
 * Writes a step of SVPO's format: a C-step when there is `code`, else a P-step.
 *
 * @example
 * ```ts
 * import { renderXmlStep } from '@svo/mdp';
 * renderXmlStep({ thought: 'It is 5.', finalAnswer: '5' }); // => '<step>\n<p>\nIt is 5.\n</p>\n<p>\nFinal Answer: 5\n</p>\n</step>\n'
 * ```
 */
export function renderXmlStep({ thought, code, output, finalAnswer }: Omit<XmlStep, 'kind'>): string {
  const parts = [`<p>\n${thought}\n</p>`];
  if (code !== undefined) parts.push(`<code>\n${code}\n</code>`);
  if (output !== undefined) parts.push(`<output>\n${output}\n</output>`);
  if (finalAnswer !== undefined) parts.push(`<p>\n${MARKER} ${finalAnswer}\n</p>`);
  return `<step>\n${parts.join('\n')}\n</step>\n`;
}
