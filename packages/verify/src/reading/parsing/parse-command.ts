import type { Node } from '../ast.ts';
import { number } from '../build.ts';
import { functionNames } from '../words.ts';
import { braces, type Cursor, expect, fail, isAt, peek } from './cursor.ts';
import { parseFunction, parseSeries } from './parse-function.ts';
import { parseAngles } from './parse-group.ts';

const greek = new Set(
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar mho imath jmath aleph nabla partial'.split(
    ' ',
  ),
);
const accents = new Set(
  'overline vec hat bar tilde dot ddot overrightarrow widehat widetilde overarc wideparen underline'.split(' '),
);
const factorCommands = new Set(
  'frac binom pi infty lfloor lceil langle mathbb emptyset sum prod boxed fbox ldots angle triangle measuredangle therefore square star Box prime'.split(
    ' ',
  ),
);

/** Commands that can begin a factor of a product written without a sign. */
export const beginsFactor = (command: string): boolean =>
  functionNames.has(command) || factorCommands.has(command) || greek.has(command) || accents.has(command);

/** The argument of \frac or \binom: a group, or a single digit or token as TeX takes it. */
function argument(c: Cursor): Node {
  if (isAt(c, '{')) return braces(c);
  return c.rules.primary(c);
}

/** TeX splits `\frac34` into 3 and 4; the lexer read 34. */
function fracArguments(c: Cursor): readonly [Node, Node] {
  const token = peek(c);
  if (token?.t === 'num' && /^\d{2,}$/.test(token.v)) {
    c.at++;
    const [first, rest] = [number(token.v[0]!, c.budget)!, number(token.v.slice(1), c.budget)!];
    return [first, rest];
  }
  return [argument(c), argument(c)];
}

export function parseCommand(c: Cursor): Node {
  const name = peek(c)!.v;
  if (functionNames.has(name)) return parseFunction(c);
  c.at++;
  if (name === 'frac') {
    const [a, b] = fracArguments(c);
    return { k: 'div', a, b };
  }
  if (name === 'pi') return { k: 'const', name: 'pi' };
  if (name === 'infty') return { k: 'const', name: 'inf' };
  if (name === 'ldots') return { k: 'dots' };
  if (name === 'emptyset') return { k: 'named-set', name: 'empty' };
  if (greek.has(name)) return { k: 'sym', name };
  if (name === 'boxed' || name === 'fbox') return braces(c);
  if (name === 'lfloor' || name === 'lceil') return parseRounding(c, name);
  if (name === 'langle') return parseAngles(c);
  if (name === 'sum' || name === 'prod') return parseSeries(c, name);
  if (name === 'mathbb') {
    const set = braces(c);
    return set.k === 'sym' ? { k: 'named-set', name: set.name } : fail();
  }
  if (accents.has(name)) return accented(name, argument(c));
  if (name === 'angle' || name === 'measuredangle' || name === 'triangle') return accented('', c.rules.term(c));
  return fail();
}

function parseRounding(c: Cursor, name: string): Node {
  const inner = c.rules.expression(c);
  expect(c, name === 'lfloor' ? 'rfloor' : 'rceil');
  return { k: 'fn', name: name === 'lfloor' ? 'floor' : 'ceil', args: [inner] };
}

/** \overline{AB} and \angle ABC are names; \bar z keeps its accent. */
function accented(accent: string, inner: Node): Node {
  const parts = inner.k === 'mul' ? inner.args : [inner];
  if (parts.every((part) => part.k === 'sym' || part.k === 'const')) {
    const name = parts.map((part) => (part as { name: string }).name).join('');
    if (parts.length > 1 || accent === 'vec' || accent === 'hat' || accent === '') return { k: 'sym', name };
  }
  return { k: 'call', name: accent === '' ? 'angle' : accent, args: [inner] };
}
