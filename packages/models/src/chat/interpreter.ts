/** Runs the tree of a template, with Python's meaning of values and operators. */
import { applyFilter, memberOf } from './filters.ts';
import { globals } from './globals.ts';
import { operate, sliced } from './operators.ts';
import { generationMark, type Node } from './syntax.ts';
import { testNamed } from './tests.ts';
import {
  type Callable,
  fail,
  isCallable,
  isDict,
  isFloat,
  isNamespace,
  itemsOf,
  textOf,
  truthy,
  typeName,
  type Value,
} from './values.ts';

/** What a template rendered. */
export interface Rendered {
  readonly text: string;
  /** [start, end) of what stands between `generation` tags. */
  readonly generated: readonly (readonly [start: number, end: number])[];
}

/** The most steps a template may take: a conversation of a thousand turns takes some 10⁵. */
const mostSteps = 2_000_000;
/** The most characters it may write. */
const mostCharacters = 1 << 28;

type Scope = { readonly names: Map<string, Value>; readonly parent: Scope | undefined };
type Signal = 'break' | 'continue' | undefined;

const look = (scope: Scope, name: string): Value => {
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.names.has(name)) return at.names.get(name);
  return undefined;
};
const inner = (parent: Scope): Scope => ({ names: new Map(), parent });

/** What is written, in pieces, and how much it is. */
interface Output {
  readonly parts: string[];
  length: number;
}

const nodes = (value: unknown): readonly Node[] => (value ?? []) as readonly Node[];
const node = (value: unknown): Node => value as Node;

/** A callee as the template writes it, for messages. */
const spelled = (at: Node): string => {
  if (at.type === 'Identifier') return String(at.value);
  if (at.type !== 'MemberExpression') return '(…)';
  const [object, property] = [spelled(node(at.object)), node(at.property)];
  return at.computed ? `${object}[…]` : `${object}.${String(property.value)}`;
};

/**
 * Runs a template.
 *
 * @param onStatement told of each statement before it runs, so that an error can say where
 * @throws RangeError naming what is unknown or refused
 */
export const runTemplate = (
  program: Node,
  variables: ReadonlyMap<string, Value>,
  onStatement: (statement: Node) => void,
): Rendered => {
  let steps = 0;
  const generated: [number, number][] = [];
  const top: Output = { parts: [], length: 0 };

  const step = (): void => {
    if (++steps > mostSteps) fail(`a template may take at most ${mostSteps} steps`);
  };

  const write = (output: Output, text: string): void => {
    output.length += text.length;
    if (output.length > mostCharacters) fail(`a template may write at most ${mostCharacters} characters`);
    output.parts.push(text);
  };

  const call = (callee: Value, name: string, args: readonly Value[], named: ReadonlyMap<string, Value>): Value => {
    if (isCallable(callee)) return callee.call(args, named);
    return fail(
      callee === undefined
        ? `no function named '${name}' is known`
        : `'${name}' is a ${typeName(callee)} and cannot be called`,
    );
  };

  const argumentsOf = (list: readonly Node[], scope: Scope): [Value[], Map<string, Value>] => {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    for (const argument of list) {
      if (argument.type === 'KeywordArgumentExpression')
        named.set(String(node(argument.key).value), evaluate(node(argument.value), scope));
      else if (argument.type === 'SpreadExpression') args.push(...itemsOf(evaluate(node(argument.argument), scope)));
      else if (argument.type === 'KeywordSpreadExpression') {
        const spread = evaluate(node(argument.argument), scope);
        if (!isDict(spread)) fail(`'**' must be followed by a dict, got ${typeName(spread)}`);
        else for (const [key, value] of spread) named.set(textOf(key), value);
      } else args.push(evaluate(argument, scope));
    }
    return [args, named];
  };

  const filtered = (filter: Node, value: Value, scope: Scope): Value => {
    const called = filter.type === 'CallExpression';
    const [args, named] = called ? argumentsOf(nodes(filter.args), scope) : [[], new Map<string, Value>()];
    return applyFilter(String((called ? node(filter.callee) : filter).value), value, args, named);
  };

  const member = (at: Node, scope: Scope): Value => {
    const object = evaluate(node(at.object), scope);
    const property = node(at.property);
    if (property.type === 'SliceExpression') {
      const [start, stop, step] = [property.start, property.stop, property.step].map((part) =>
        part === undefined ? undefined : evaluate(node(part), scope),
      );
      return sliced(object, start, stop, step);
    }
    if (object === undefined) return fail(`'${spelled(node(at.object))}' is undefined`);
    if (at.computed) return memberOf(object, evaluate(property, scope), false);
    return memberOf(object, property.value as Value, true);
  };

  const evaluate = (at: Node, scope: Scope): Value => {
    step();
    switch (at.type) {
      case 'StringLiteral':
      case 'IntegerLiteral':
        return at.value as Value;
      case 'FloatLiteral':
        return { float: Number(at.value) };
      case 'Identifier':
        return look(scope, String(at.value));
      case 'ArrayLiteral':
        return nodes(at.value).map((item) => evaluate(item, scope));
      case 'TupleLiteral':
        return { tuple: nodes(at.value).map((item) => evaluate(item, scope)) };
      case 'ObjectLiteral':
        return new Map(
          [...(at.value as ReadonlyMap<Node, Node>)].map(([key, item]) => [
            evaluate(key, scope),
            evaluate(item, scope),
          ]),
        );
      case 'MemberExpression':
        return member(at, scope);
      case 'CallExpression': {
        const callee = evaluate(node(at.callee), scope);
        return call(callee, spelled(node(at.callee)), ...argumentsOf(nodes(at.args), scope));
      }
      case 'FilterExpression':
        return filtered(node(at.filter), evaluate(node(at.operand), scope), scope);
      case 'TestExpression':
        return testNamed(String(node(at.test).value))(evaluate(node(at.operand), scope), []) !== at.negate;
      case 'UnaryExpression': {
        const value = evaluate(node(at.argument), scope);
        const operator = node(at.operator).value;
        if (operator === 'not') return !truthy(value);
        if (operator === '-' && isFloat(value)) return { float: -value.float };
        return operate(operator === '-' ? '-' : '+', 0, value);
      }
      case 'BinaryExpression': {
        const operator = String(node(at.operator).value);
        const left = evaluate(node(at.left), scope);
        if (operator === 'and') return truthy(left) ? evaluate(node(at.right), scope) : left;
        if (operator === 'or') return truthy(left) ? left : evaluate(node(at.right), scope);
        return operate(operator, left, evaluate(node(at.right), scope));
      }
      case 'Ternary':
        return evaluate(node(truthy(evaluate(node(at.condition), scope)) ? at.trueExpr : at.falseExpr), scope);
      case 'SelectExpression':
        return truthy(evaluate(node(at.test), scope)) ? evaluate(node(at.lhs), scope) : undefined;
      default:
        return fail(`an expression of kind ${at.type} is not supported`);
    }
  };

  const assign = (target: Node, value: Value, scope: Scope): void => {
    if (target.type === 'Identifier') scope.names.set(String(target.value), value);
    else if (target.type === 'TupleLiteral') {
      const [targets, items] = [nodes(target.value), itemsOf(value)];
      if (targets.length !== items.length) fail(`${targets.length} names cannot take ${items.length} values`);
      for (const [index, one] of targets.entries()) assign(one, items[index], scope);
    } else if (target.type === 'MemberExpression' && !target.computed) {
      const object = evaluate(node(target.object), scope);
      if (isNamespace(object)) object.namespace.set(String(node(target.property).value), value);
      else fail(`'${spelled(target)}' cannot be set: only a namespace's attributes can`);
    } else fail(`a ${target.type} cannot be set`);
  };

  const captured = (body: readonly Node[], scope: Scope): string => {
    const output: Output = { parts: [], length: 0 };
    run(body, scope, output);
    return output.parts.join('');
  };

  /** A macro, or the body of a `call` block. */
  const macro = (name: string, parameters: readonly Node[], body: readonly Node[], home: Scope): Callable => ({
    name,
    call: (args, named) => {
      const scope = inner(home);
      const left = new Map(named);
      for (const [index, parameter] of parameters.entries()) {
        const key = String((parameter.type === 'KeywordArgumentExpression' ? node(parameter.key) : parameter).value);
        const given = index < args.length ? args[index] : left.get(key);
        const missing = index >= args.length && !left.has(key);
        left.delete(key);
        const otherwise = missing && parameter.type === 'KeywordArgumentExpression';
        scope.names.set(key, otherwise ? evaluate(node(parameter.value), scope) : given);
      }
      scope.names.set('varargs', { tuple: args.slice(parameters.length) });
      if (left.has('caller')) scope.names.set('caller', left.get('caller'));
      left.delete('caller');
      scope.names.set('kwargs', new Map(left));
      return captured(body, scope);
    },
  });

  const loop = (at: Node, scope: Scope, output: Output): Signal => {
    const source = node(at.iterable);
    const select = source.type === 'SelectExpression';
    const all = itemsOf(evaluate(node(select ? source.lhs : source), scope));
    const bound = (item: Value): Scope => {
      const own = inner(scope);
      assign(node(at.loopvar), item, own);
      return own;
    };
    const items = select ? all.filter((item) => truthy(evaluate(node(source.test), bound(item)))) : all;
    if (items.length === 0) return run(nodes(at.defaultBlock), inner(scope), output);
    const outer = look(scope, 'loop');
    const depth = isDict(outer) ? Number(outer.get('depth')) + 1 : 1;
    for (const [index, item] of items.entries()) {
      const own = bound(item);
      own.names.set(
        'loop',
        new Map<Value, Value>([
          ['index', index + 1],
          ['index0', index],
          ['revindex', items.length - index],
          ['revindex0', items.length - index - 1],
          ['first', index === 0],
          ['last', index === items.length - 1],
          ['length', items.length],
          ['depth', depth],
          ['depth0', depth - 1],
          ['previtem', items[index - 1]],
          ['nextitem', items[index + 1]],
          ['cycle', { name: 'cycle', call: (args: readonly Value[]) => args[index % args.length] }],
        ]),
      );
      if (run(nodes(at.body), own, output) === 'break') break;
    }
    return undefined;
  };

  const mark = (begins: boolean, output: Output): void => {
    if (output !== top) fail("'generation' inside a macro or a block is not supported");
    if (begins) generated.push([output.length, output.length]);
    else generated.at(-1)![1] = output.length;
  };

  const set = (at: Node, scope: Scope, output: Output): void => {
    const target = node(at.assignee);
    if (target.type === 'Identifier' && target.value === generationMark) mark(node(at.value).value === 'true', output);
    else if (at.value !== null) assign(target, evaluate(node(at.value), scope), scope);
    else if (target.type === 'FilterExpression')
      assign(node(target.operand), filtered(node(target.filter), captured(nodes(at.body), inner(scope)), scope), scope);
    else assign(target, captured(nodes(at.body), inner(scope)), scope);
  };

  const callBlock = (at: Node, scope: Scope): string => {
    const expression = node(at.call);
    const [args, named] = argumentsOf(nodes(expression.args), scope);
    const caller = macro('caller', nodes(at.callerArgs), nodes(at.body), scope);
    const name = spelled(node(expression.callee));
    return textOf(call(evaluate(node(expression.callee), scope), name, args, new Map([...named, ['caller', caller]])));
  };

  const statement = (at: Node, scope: Scope, output: Output): Signal => {
    switch (at.type) {
      case 'Comment':
        return undefined;
      case 'If':
        return run(nodes(truthy(evaluate(node(at.test), scope)) ? at.body : at.alternate), scope, output);
      case 'For':
        return loop(at, scope, output);
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
      case 'Set':
        set(at, scope, output);
        return undefined;
      case 'Macro': {
        const name = String(node(at.name).value);
        scope.names.set(name, macro(name, nodes(at.args), nodes(at.body), scope));
        return undefined;
      }
      case 'CallStatement':
        write(output, callBlock(at, scope));
        return undefined;
      case 'FilterStatement':
        write(output, textOf(filtered(node(at.filter), captured(nodes(at.body), inner(scope)), scope)));
        return undefined;
      default:
        write(output, textOf(evaluate(at, scope)));
        return undefined;
    }
  };

  const run = (body: readonly Node[], scope: Scope, output: Output): Signal => {
    step();
    for (const at of body) {
      onStatement(at);
      const signal = statement(at, scope, output);
      if (signal !== undefined) return signal;
    }
    return undefined;
  };

  const scope: Scope = { names: new Map([...globals, ...variables]), parent: undefined };
  run(nodes(program.body), scope, top);
  return { text: top.parts.join(''), generated };
};
