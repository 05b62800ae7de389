/**
 * Every real text at hand, each cut and joined without loss; the counts are printed and pinned. The texts live beside the
 * repository in ../shared and are not copied into it, so the tests skip, visibly, where that folder is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats, reactFormat } from '../test-support/laws.ts';
import { blankLineFormat } from './blank-line.ts';
import { boxedFormat } from './boxed.ts';
import { customFormat } from './custom.ts';
import type { StepFormat } from './format.ts';
import { gsm8kFormat } from './gsm8k.ts';
import { parseXmlStep, xmlFormat } from './xml.ts';

const shared = new URL('../../../../../shared/', import.meta.url);
const present = existsSync(new URL('data/step-format-samples.jsonl', shared));

const rows = <Row>(file: string): Row[] =>
  readFileSync(new URL(file, shared), 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as Row);

/** Cuts every text, checks that nothing is lost and that every format agrees on that, and counts. */
const survey = (name: string, format: StepFormat, texts: readonly string[]) => {
  // One comparison for tens of thousands of texts: an `expect` a text costs more than what it asks.
  const textual = formats.filter(({ id }) => !id.startsWith('token-span'));
  expect(texts.filter((text) => textual.some((each) => each.join(each.split(text)) !== text))).toEqual([]);
  const lengths = texts.map((text) => format.split(text).length);
  const sorted = lengths.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const counts = {
    texts: texts.length,
    steps: lengths.reduce((sum, length) => sum + length, 0),
    median: at(0.5),
    p90: at(0.9),
    max: at(1),
    terminal: texts.filter((text) => format.isTerminal(format.split(text).at(-1) ?? '')).length,
    answers: texts.filter((text) => format.answer(text) !== undefined).length,
  };
  console.log(`${name} (${format.id}): ${JSON.stringify(counts)}`);
  return counts;
};

describe.skipIf(!present)('real texts in ../shared (skipped where it is missing)', () => {
  test('GSM8K: 8,792 solutions, the answer line last', () => {
    const solutions = ['train', 'test']
      .flatMap((part) => rows<{ answer: string }>(`data/gsm8k-${part}.jsonl`))
      .map(({ answer }) => answer);
    const counts = survey('GSM8K', gsm8kFormat, solutions);
    expect(counts).toMatchObject({ texts: 8792, terminal: 8792, answers: 8792 });
    // GSM8K has no math blocks: a step a non-empty line, as the data set's authors count them.
    const lines = (solution: string): number => solution.split('\n').filter((line) => line !== '').length;
    const wrong = solutions.filter(
      (solution) =>
        gsm8kFormat.split(solution).length !== lines(solution) ||
        gsm8kFormat.answer(solution) !== solution.split('#### ')[1]!.trim(),
    );
    expect(wrong).toEqual([]);
  });

  test('Qwen2.5-Math: sampled responses with boxes', () => {
    const responses = rows<{ prediction: string }>('verify/qwen-math-cot-cases-dev.jsonl').map(
      ({ prediction }) => prediction,
    );
    expect(survey('Qwen2.5-Math', boxedFormat, responses)).toMatchObject({ texts: 465 });
    // The one response with a blank line inside display math: the naive cut is one step more.
    const naive = (text: string) => text.split(/(?:\r?\n){2,}/).filter((part) => part !== '').length;
    const kept = responses.filter((text) => naive(text) !== boxedFormat.split(text).length);
    expect(kept.length).toBe(1);
    expect(kept[0]).toContain('\\[\n\\sqrt{2}x = 10 \\implies x = 5 \\sqrt{2}.\n\n\\]');
  });

  test('GSM8K model solutions: a step a line', () => {
    const responses = rows<{ prediction: string }>('verify/gsm8k-model-solutions-cases-dev.jsonl').map(
      ({ prediction }) => prediction,
    );
    const answerLine = customFormat({
      id: 'answer-line',
      delimiter: '\n',
      after: /\n+/,
      terminal: /^A:/m,
      answer: /^A:(.*)$/m,
    });
    expect(survey('GSM8K models', answerLine, responses)).toMatchObject({ texts: 3220, steps: 14196 });
  });

  test('PRMBench: steps joined by blank lines come back as the same steps', () => {
    const processes = rows<{ original_process: string[]; modified_process: string[] }>(
      'data/prmbench-subset400.jsonl',
    ).flatMap(({ original_process, modified_process }) => [original_process, modified_process]);
    const texts = processes.map((steps) => steps.join('\n\n'));
    const counts = survey('PRMBench', blankLineFormat, texts);
    const exact = processes.filter((steps, i) => blankLineFormat.split(texts[i]!).length === steps.length).length;
    const clean = processes.filter((steps) =>
      steps.every((step) => step.trim() !== '' && !step.includes('\n\n') && step.trim() === step),
    );
    console.log(
      `PRMBench: ${processes.length} processes, ${clean.length} without a blank line in a step, ${exact} with every step found`,
    );
    for (const steps of clean)
      expect(blankLineFormat.split(steps.join('\n\n')).map((step) => step.trimEnd())).toEqual(steps);
    expect(counts.texts).toBe(788);
  });

  test('step format samples: XML templates, the engine output without </step>, ReAct transcripts', () => {
    const samples = rows<{ format: string; text: string; finalAnswer?: string; codeSteps?: number }>(
      'data/step-format-samples.jsonl',
    );
    const xml = samples.filter(({ format }) => format.startsWith('xml'));
    const react = samples.filter(({ format }) => format === 'react-thought-action');
    expect(xml.length + react.length).toBe(samples.length);
    survey(
      'XML samples',
      xmlFormat,
      xml.map(({ text }) => text),
    );
    survey(
      'ReAct samples',
      reactFormat,
      react.map(({ text }) => text),
    );

    const [real, codeTemplate, plainTemplate] = xml.map(({ text }) => text);
    expect(real!.includes('</step>')).toBe(false);
    expect(xmlFormat.split(real! + real! + codeTemplate!).length).toBe(3);
    expect(xmlFormat.answer(real!)).toBe('$2$');
    expect(parseXmlStep(codeTemplate!)).toEqual({
      kind: 'code',
      thought: '{thought}',
      code: '{code}',
      output: '{output}',
    });
    expect(parseXmlStep(plainTemplate!)).toEqual({
      kind: 'plain',
      thought: '{thought}',
      finalAnswer: '{final_answer}',
    });
    for (const { text, finalAnswer, codeSteps } of react) {
      const steps = reactFormat.split(text);
      // One sample holds two transcripts in a row; its answer is the first one's.
      expect(reactFormat.answer(steps.find(reactFormat.isTerminal)!)).toBe(finalAnswer);
      expect(steps.filter((step) => step.includes('\nAction Input:')).length).toBe(codeSteps);
      expect(reactFormat.isTerminal(steps.at(-1)!)).toBe(true);
    }
  });
});
