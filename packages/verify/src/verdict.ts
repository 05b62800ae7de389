import type { Verdict } from '@svo/mdp';
import { type Budget, budgetSpent, createBudget, longestAnswer } from './budget.ts';
import { same } from './comparing/compare.ts';
import { type Context, type Match, no, unknown, yes } from './comparing/match.ts';
import { answerIn } from './extracting/extract-answer.ts';
import { extractChoice } from './extracting/extract-choice.ts';
import { longestResponse } from './extracting/final-part.ts';
import { isProse, proseWords, toldTail } from './extracting/prose.ts';
import { type Conventions, settle, type VerifyOptions } from './options.ts';
import type { Node } from './reading/ast.ts';
import { clean } from './reading/clean.ts';
import type { Commas } from './reading/lexer.ts';
import { parseAnswer } from './reading/parsing/parser.ts';
import { sameText } from './reading/text.ts';

/** Texts whose commas or spaces between digits can be read in more than one way. */
const ambiguous = /\d[, ]\s?\d/;
/** A comma that can only separate thousands, or a list. */
const thousands = /^\D*\d{1,3}(?:,\d{3})+(?!\d)/;

/**
 * The parses of a text under each reading its commas allow, the usual one first. A comma as decimal point is read in answers, and in a
 * truth only after a leading zero: there 3,4 are two numbers.
 */
function* readings(text: string, isTruth: boolean, budget: Budget): Generator<Node> {
  const decimal = isTruth ? /^-?0,\d/.test(text) : !thousands.test(text);
  const orders: readonly Commas[] = !ambiguous.test(text)
    ? ['group']
    : decimal
      ? ['group', 'list', 'decimal']
      : ['group', 'list'];
  for (const commas of orders) {
    const node = parseAnswer(text, commas, budget);
    if (node !== undefined) yield node;
  }
}

/** Judges two cleaned answers: by mathematics where both can be read, else by their words. */
function judge(gold: string, prediction: string, context: Context): Match & { readonly read?: boolean } {
  if (gold === '' || prediction === '') return no('no answer');
  if (gold === prediction) return yes('identical');
  if (gold.length > longestAnswer || prediction.length > longestAnswer) return unknown('too long');
  const predictions = [...readings(prediction, false, context.budget)];
  let first: Match | undefined;
  for (const g of predictions.length === 0 ? [] : readings(gold, true, context.budget)) {
    for (const p of predictions) {
      const match = same(g, p, context);
      if (match.equal === true) return match;
      first ??= match;
    }
  }
  const read = predictions.some((node) => node.k !== 'text');
  if (first !== undefined && first.equal === false) return { ...first, read };
  const words = sameText(gold, prediction);
  return words.equal === true ? words : { ...(first ?? words), read };
}

const letter = /^\(?([A-Z])\)?\.?$/;

/** The letters of an answer that is nothing but letters of choices: ABD; A, B and D. */
function letterSet(text: string): string | undefined {
  const plain = text
    .slice(0, 200)
    .replace(/\\(?:text|mathrm|textbf)\s*|[{}$\s]|and|&|,|;/g, '')
    .replace(/[()]/g, '');
  return /^[A-H]{2,8}$/.test(plain) && new Set(plain).size === plain.length ? [...plain].sort().join('') : undefined;
}

/** A choice: the truth is one letter and the answer talks about it, or the other way round. */
function judgeChoice(gold: string, prediction: string): Match | undefined {
  const [g, p] = [letter.exec(gold)?.[1], letter.exec(prediction)?.[1]];
  const [many, some] = [letterSet(gold), letterSet(prediction)];
  if (many !== undefined && many === some && gold.replace(/[^A-H]/g, '') === many) return yes('choices');
  if (
    g !== undefined &&
    p === undefined &&
    (proseWords(prediction) >= 2 || /answer|option|choice/i.test(prediction) || /^\(?[A-Z][).]\s/.test(prediction))
  )
    return extractChoice(prediction) === g ? yes('choice') : no('choice');
  if (p !== undefined && g === undefined && /[A-Za-z]{2}/.test(gold) && !gold.includes('\\'))
    return extractChoice(gold) === p ? yes('choice') : no('choice');
  return undefined;
}

/** Runs a judgement within its budget. */
function bounded(
  options: VerifyOptions | undefined,
  conventions: Conventions,
  run: (context: Context) => Match,
): Match {
  const budget = createBudget(options?.work);
  try {
    return run({ budget, conventions, same });
  } catch (error) {
    if (error === budgetSpent) return unknown('work budget spent');
    throw error;
  }
}

/** The truth: what is in its box, its last sentence's answer when it is a worked solution, else itself. */
function truth(gold: string, conventions: Conventions): string {
  if (/\\f?box(?:ed)?\b|####/.test(tail(gold)) || (gold.length > 200 && isProse(gold)))
    return answerIn(gold, conventions.boxes === 'joined') ?? gold;
  const told = isProse(gold) && !gold.includes('\\') ? toldTail(gold) : undefined;
  if (told !== undefined && /\d/.test(told) && proseWords(told) === 0) return told;
  return gold;
}

const tail = (text: string): string => (text.length > longestResponse ? text.slice(-longestResponse) : text);

/** The text points at its answer itself. */
const marked = /\\f?box(?:ed)?\b|####|<\/?[a-z]+>|^A:|final answer/im;

function decide(gold: string, prediction: string, context: Context): Match & { answer?: string } {
  const choice = judgeChoice(gold.trim(), prediction.trim());
  if (choice?.equal === true) return choice;
  const match = decideAnswer(gold, prediction, context);
  return match.equal === undefined && choice !== undefined ? choice : match;
}

/** The answer as mathematics or words: the whole text where it is an answer, else what is extracted from it. */
function decideAnswer(gold: string, prediction: string, context: Context): Match & { answer?: string } {
  const bare = truth(gold, context.conventions);
  if (bare.length > longestAnswer) return gold === prediction ? yes('identical') : unknown('too long');
  const g = clean(bare);
  const whole =
    prediction.length > longestAnswer || marked.test(tail(prediction))
      ? undefined
      : judge(g, clean(prediction), context);
  if (whole !== undefined && (whole.equal === true || !isProse(prediction))) return whole;
  if (whole?.read === true && !prediction.trim().includes('\n')) return whole;
  const answer = answerIn(prediction, context.conventions.boxes === 'joined');
  if (answer === undefined) return whole ?? no('no answer');
  const match = judge(g, clean(answer), context);
  return match.equal === true || whole === undefined || whole.equal === undefined ? { ...match, answer } : whole;
}

/**
 * Is `prediction` the same answer as `gold`? Numbers exactly, expressions at seeded points with an error bound, sets, intervals, tuples,
 * matrices, equations, units, texts by their own rules; `how` says which. `equivalent: undefined` means that nothing could be decided.
 * Deterministic, bounded, never throws for any pair of strings. Throws `RangeError` for an option outside its range.
 *
 * @example
 * ```ts
 * import { isEquivalent } from '@svo/verify';
 * isEquivalent('\\frac{1}{2}', '0.5').equivalent; // => true
 * isEquivalent('(2, 5]', '2 < x \\le 5').equivalent; // => true
 * isEquivalent('x^2 - 1', '(x - 1)^2').equivalent; // => false
 * ```
 */
export function isEquivalent(gold: string, prediction: string, options?: VerifyOptions): Verdict {
  const conventions = settle('isEquivalent', options);
  const { equal, how } = bounded(options, conventions, (context) => decide(gold, prediction, context));
  return { equivalent: equal, how };
}

/**
 * Extracts the final answer of a response, then judges it like {@link isEquivalent}. A response without an answer is wrong, not undecided.
 *
 * @example
 * ```ts
 * import { verifyAnswer } from '@svo/verify';
 * verifyAnswer('72', '48/2 = 24\n48 + 24 = 72\n#### 72'); // => { equivalent: true, how: 'identical', answer: '72' }
 * ```
 */
export function verifyAnswer(gold: string, response: string, options?: VerifyOptions): Verdict {
  const conventions = settle('verifyAnswer', options);
  const match = bounded(options, conventions, (context) => decide(gold, response, context)) as Match & {
    answer?: string;
  };
  const answer =
    match.answer ??
    (letter.test(gold.trim()) && isProse(response)
      ? extractChoice(response)
      : answerIn(response, conventions.boxes === 'joined'));
  return { equivalent: match.equal, how: match.how, ...(answer === undefined ? {} : { answer }) };
}
