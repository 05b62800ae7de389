/** Texts for the laws of step formats, of every Unicode kind, and documents whose blocks are known. */
import fc from 'fast-check';
import { blankLineFormat } from '../formats/blank-line.ts';
import { boxedFormat } from '../formats/boxed.ts';
import { customFormat } from '../formats/custom.ts';
import type { StepFormat } from '../formats/format.ts';
import { gsm8kFormat } from '../formats/gsm8k.ts';
import { tokenSpanFormat } from '../formats/token-span.ts';
import { xmlFormat } from '../formats/xml.ts';
import { codeUnits } from './texts.ts';

/** UTF-8 bytes as tokens: spans end inside characters more often than not. */
const utf8 = {
  encode: (text: string): number[] => [...new TextEncoder().encode(text)],
  decode: (ids: readonly number[]): string =>
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids)),
};

/** A format of a caller's own: the ReAct transcripts of shared/data/step-format-samples.jsonl. */
export const reactFormat: StepFormat = customFormat({
  id: 'react',
  delimiter: '\n\n',
  stop: ['\nObservation:'],
  before: /^(?:Thought:|Final Answer:)/m,
  terminal: /^Final Answer:/m,
  answer: /^Final Answer:[ \t]*(.*)$/m,
});

export const formats: readonly StepFormat[] = [
  blankLineFormat,
  gsm8kFormat,
  boxedFormat,
  xmlFormat,
  reactFormat,
  tokenSpanFormat({ length: 1, ...utf8 }),
  tokenSpanFormat({ length: 7, ...utf8 }),
  tokenSpanFormat({ length: 3, ...utf8, wholeBlocks: false }),
];

const pieces = [
  '\n', '\n\n', '\r\n', '\r', ' ', '$', '$$', '\\', '\\[', '\\]', '\\$', '\\begin{align}', '\\end{align}', '\\begin{cases}',
  '\\end{cases}', '```', '````', '~~~', '```py\n', '\n```\n', '<step>', '</step>', '<code>', '</code>', '<output>', '</output>',
  '<p>', '</p>', 'Final Answer:', '####', '\\boxed{', '{', '}', 'Thought:', 'x = 1', 'é', '😀', '\u2028', '\ud800',
]; // biome-ignore format: a list of pieces

/** Any Unicode text, lone surrogates included, and texts made of the pieces that formats look for. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  codeUnits(),
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 40 })
    .map((parts) => parts.join('')),
);

const line = fc
  .stringMatching(/^[a-z0-9 =+$.,]{1,20}$/)
  .map((text) => `x${text.replaceAll('$$', '')}`.replace(/\$/g, ''));
const inner = fc
  .array(
    fc.constantFrom(
      'a',
      '\n\n',
      '\n',
      '= b',
      '\\\\[2pt]',
      '\\$',
      ' ',
      '1',
      '#### 3',
      'Thought: hm',
      '\n<step>\n',
      '</step>\n',
    ),
    {
      minLength: 1,
      maxLength: 10,
    },
  )
  .map((parts) => `u${parts.join('')}\n\nv`);
const environment = fc.constantFrom('align', 'align*', 'equation', 'pmatrix', 'cases', 'gather*');

/** Stands before a fence in its line; it is no part of the block. */
const LEAD = 'Action Input: ';

/** A block that must stay whole, with blank lines inside. */
const block: fc.Arbitrary<string> = fc.oneof(
  inner.map((text) => `$$${text}$$`),
  inner.map((text) => `\\[${text}\\]`),
  fc.tuple(environment, inner).map(([name, text]) => `\\begin{${name}}${text}\\end{${name}}`),
  fc
    .tuple(environment, inner)
    .map(([name, text]) => `\\begin{${name}}a\\begin{${name}}${text}\\end{${name}}\n\n\\end{${name}}`),
  fc.tuple(fc.constantFrom('```', '````', '~~~'), inner).map(([fence, text]) => `${fence}py\n${text}\n${fence}`),
  inner.map((text) => `${LEAD}\`\`\`py\n${text}\n\`\`\``),
  // A fence may hold stray openers of math, and math escaped dollars: neither ends or opens anything.
  inner.map((text) => `\`\`\`\necho $$\n\n\\[ ${text}\n\`\`\``),
);

/** A document of lines and whole blocks between blank lines, with the spans of the blocks. */
export const documents: fc.Arbitrary<{ text: string; blocks: (readonly [number, number])[]; parts: number }> = fc
  .array(
    fc.oneof(
      line.map((text) => ({ text, whole: false })),
      block.map((text) => ({ text, whole: true })),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => {
    const blocks: (readonly [number, number])[] = [];
    let text = '';
    parts.forEach((part, index) => {
      if (index > 0) text += '\n\n';
      if (part.whole)
        blocks.push([text.length + (part.text.startsWith(LEAD) ? LEAD.length : 0), text.length + part.text.length]);
      text += part.text;
    });
    return { text, blocks, parts: parts.length };
  });
