/** The trees that Hugging Face's Jinja parser makes, as far as they are read here, and what it gets wrong. */
import { parse, tokenize } from '@huggingface/jinja';

/** A node of the tree. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One token of a template. */
interface Token {
  readonly type: string;
  readonly value: string;
}

/** A line of a template, from 1, and its text. */
export const lineOf = (source: string, at: number): string => `line ${source.slice(0, at).split('\n').length}`;

const options = { lstrip_blocks: true, trim_blocks: true };

/** Where each tag stands: `{{ … }}` and `{% … %}`. */
const tags = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

/** Closes what a tag opens, so that it can be parsed alone. */
const alone = (tag: string): string | undefined => {
  const name = /^\{%-?\s*(\w+)/.exec(tag)?.[1];
  if (name === undefined) return tag;
  if (name === 'elif') return `${tag.replace('elif', 'if')}{% endif %}`;
  if (['if', 'for', 'macro', 'call', 'filter'].includes(name)) return `${tag}{% end${name} %}`;
  if (name === 'set') return tag.includes('=') ? tag : `${tag}{% endset %}`;
  return name === 'else' || name.startsWith('end') ? undefined : tag;
};

/** The first tag the parser refuses by itself, for the message. */
const culprit = (source: string): string => {
  for (const match of source.matchAll(tags)) {
    const text = alone(match[0]);
    if (text === undefined) continue;
    try {
      parse(tokenize(text, options));
    } catch {
      return ` (${lineOf(source, match.index)}: ${match[0].replace(/\s+/g, ' ').slice(0, 120)})`;
    }
  }
  return '';
};

/** `1 < x < 3` is one comparison in Python and two in the parser's tree, which doesn't show the brackets of `(a == b) == c`. */
const checkComparisons = (tokens: readonly Token[]): void => {
  const open: boolean[] = [false];
  for (const { type, value } of tokens) {
    if (type.startsWith('Open')) open.push(false);
    else if (type.startsWith('Close')) open.pop();
    else if (type === 'ComparisonBinaryOperator' || (type === 'Identifier' && value === 'in')) {
      if (open.at(-1))
        throw new RangeError(`comparisons in a row ('… ${value} …') are not supported; write 'and' between them`);
      open[open.length - 1] = true;
    } else if ((type === 'Identifier' && /^(and|or|if|else)$/.test(value)) || /^(Comma|Colon|Equals)$/.test(type))
      open[open.length - 1] = false;
  }
};

/** Characters that Python writes as entities beside a text marked safe. */
const special = /[&<>'"]/;

/**
 * `a | safe + b`: in Python a text marked safe escapes what is joined to it. Here marks are not kept, so that only texts in which nothing
 * would be escaped may stand there.
 */
const checkSafe = (tokens: readonly Token[]): void => {
  /** At each depth of brackets: whether an operand of the expression is marked, and whether one would be escaped. */
  const levels = [{ marked: false, bare: false, joined: false, operand: [] as Token[] }];
  const ended = (): void => {
    const level = levels.at(-1)!;
    const { operand } = level;
    const marks = operand.some(
      ({ type, value }, at) =>
        type === 'Identifier' && /^(safe|escape|e|forceescape)$/.test(value) && operand[at - 1]?.type === 'Pipe',
    );
    const plain = operand.length === 1 && operand[0]!.type === 'StringLiteral' && !special.test(operand[0]!.value);
    level.marked ||= marks;
    level.bare ||= !marks && !plain && operand.length > 0;
    level.operand = [];
  };
  const finished = (): void => {
    ended();
    const { marked, bare, joined } = levels.at(-1)!;
    if (marked && bare && joined)
      throw new RangeError("'| safe' beside '+' or '~' is not supported: Python escapes the other side");
    levels[levels.length - 1] = { marked: false, bare: false, joined: false, operand: [] };
  };
  for (const token of tokens) {
    const { type, value } = token;
    if (type.startsWith('Open')) {
      if (!/^Open(Expression|Statement)$/.test(type)) levels.at(-1)!.operand.push(token);
      levels.push({ marked: false, bare: false, joined: false, operand: [] });
    } else if (type.startsWith('Close')) {
      finished();
      if (levels.length > 1) levels.pop();
    } else if (value === '+' || value === '~') {
      levels.at(-1)!.joined = true;
      ended();
    } else if (
      (type === 'Identifier' && /^(and|or|not|if|else|in|is|set)$/.test(value)) ||
      /^(Comma|Colon|Equals|ComparisonBinaryOperator)$/.test(type)
    )
      finished();
    else if (type !== 'Text' && type !== 'Comment') levels.at(-1)!.operand.push(token);
  }
};

/** The index behind the group of brackets that opens at `at`, or behind the one token there. */
const behind = (tokens: readonly Token[], at: number): number => {
  let depth = 0;
  for (let index = at; index < tokens.length; index++) {
    const type = tokens[index]!.type;
    if (/^Open(Paren|SquareBracket|CurlyBracket)$/.test(type)) depth++;
    else if (/^Close(Paren|SquareBracket|CurlyBracket)$/.test(type)) depth--;
    if (depth <= 0) return index + 1;
  }
  return tokens.length;
};

/** The index behind an operand such as `a.b[0](c)`. */
const behindOperand = (tokens: readonly Token[], at: number): number => {
  let end = behind(tokens, at);
  for (;;) {
    const type = tokens[end]?.type;
    if (type === 'Dot') end += 2;
    else if (type === 'OpenParen' || type === 'OpenSquareBracket') end = behind(tokens, end);
    else return end;
  }
};

const operandBegins = (token: Token | undefined): boolean =>
  token !== undefined &&
  (/^(StringLiteral|NumericLiteral|OpenParen|OpenSquareBracket|OpenCurlyBracket)$/.test(token.type) ||
    (token.type === 'Identifier' && !/^(and|or|not|if|else|is|in|recursive)$/.test(token.value)));

/**
 * The parser knows no tests with arguments. `x is in y`, `x is divisibleby(3)` bind as filters do, so that they are handed to it as
 * filters named `is in`, `is not divisibleby`.
 */
const testsAsFilters = (tokens: readonly Token[]): Token[] => {
  const result: Token[] = [];
  const token = (type: string, value: string): Token => ({ type, value });
  for (let at = 0; at < tokens.length; at++) {
    const here = tokens[at]!;
    const negated = tokens[at + 1]?.value === 'not' && tokens[at + 1]?.type === 'Identifier';
    const name = tokens[at + (negated ? 2 : 1)];
    const first = at + (negated ? 3 : 2);
    const test = here.type === 'Identifier' && here.value === 'is' && name?.type === 'Identifier';
    if (!test || !operandBegins(tokens[first])) {
      result.push(here);
      continue;
    }
    const end = tokens[first]!.type === 'OpenParen' ? behind(tokens, first) : behindOperand(tokens, first);
    const inner = testsAsFilters(tokens.slice(first, end));
    const bracketed = tokens[first]!.type === 'OpenParen' && name.value !== 'in';
    const call = bracketed ? inner : [token('OpenParen', '('), ...inner, token('CloseParen', ')')];
    result.push(token('Pipe', '|'), token('Identifier', `is${negated ? ' not' : ''} ${name.value}`), ...call);
    at = end - 1;
  }
  return result;
};

/** Names what begins and ends the assistant's part, in the place of transformers' tag `generation`. */
export const generationMark = '__generation__';

/** Escapes of Python's strings that the lexer doesn't know: characters by number, and backslashes that are only themselves. */
const escapes = (tag: string): string =>
  tag.replace(/\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/g, (whole, four, two, other) => {
    if (four ?? two) return String.fromCharCode(Number.parseInt(four ?? two, 16));
    return /[ntrbfv'"\\]/.test(other) ? whole : `\\${whole}`;
  });

const marked = (source: string): string =>
  source
    .replace(tags, escapes)
    .replace(
      /\{%(-?)\s*(end)?generation\s*(-?)%\}/g,
      (_, left, end, right) => `{%${left} set ${generationMark} = ${end ? 'false' : 'true'} ${right}%}`,
    );

/**
 * The tree of a template.
 * @throws RangeError with the line and the tag that cannot be parsed
 */
export const parseTemplate = (source: string): Node => {
  const text = marked(source.replace(/\r\n?/g, '\n'));
  try {
    const tokens = testsAsFilters(tokenize(text, options));
    checkComparisons(tokens);
    checkSafe(tokens);
    return parse(tokens as never) as unknown as Node;
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : String(error)}${culprit(text)}`);
  }
};
