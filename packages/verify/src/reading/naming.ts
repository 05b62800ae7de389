import { type Node, symbols } from './ast.ts';

/** A key for a name: symbols, applied functions, segments; undefined for an expression that is no name. */
export function nameKey(node: Node): string | undefined {
  switch (node.k) {
    case 'text':
      return `"${node.text}"`;
    case 'sym':
      return node.name;
    case 'call':
      return node.args.every(
        (arg) => nameKey(arg) !== undefined || arg.k === 'num' || arg.k === 'neg' || arg.k === 'add',
      )
        ? `${node.name}(${node.args.map((arg) => nameKey(arg) ?? (arg.k === 'num' ? arg.value.n.toString() : '…')).join()})`
        : undefined;
    case 'fn': {
      if (!/^(?:abs|sin|cos|tan|cot|sec|csc|max|min|ln|log)$/.test(node.name)) return undefined;
      const inner = node.args.map(nameKey);
      return inner.includes(undefined) ? undefined : `${node.name}(${inner.join()})`;
    }
    case 'tuple':
    case 'ratio': {
      const inner = node.args.map(nameKey);
      return inner.includes(undefined) ? undefined : `(${inner.join()})`;
    }
    case 'div': {
      const inner = [nameKey(node.a), nameKey(node.b)];
      return inner.includes(undefined) ? undefined : inner.join('/');
    }
    case 'mul': {
      if (
        node.args.length === 2 &&
        node.args.every((arg) => arg.k === 'sym') &&
        (node.args[0] as { name: string }).name === 'd'
      )
        return `d${(node.args[1] as { name: string }).name}`;
      const segments = node.args.every(
        (arg) => (arg.k === 'sym' && /^[A-Z]/.test(arg.name)) || (arg.k === 'const' && arg.name === 'i'),
      );
      return segments && symbols(node).size > 0
        ? node.args.map((arg) => (arg as { name: string }).name).join('')
        : undefined;
    }
    default:
      return undefined;
  }
}

/** What a chain of equations gives to a name: `x = 5 + 6 = 11` gives 11 to x. */
export interface Named {
  readonly name: Node | undefined;
  /** Acceptable values: the last member; before ≈ also the exact one. */
  readonly values: readonly Node[];
}

/** A chain read as naming or computing a value; undefined for an equation between expressions. */
export function named(node: Node): Named | undefined {
  if (node.k !== 'rel') return undefined;
  const arrow = node.ops.lastIndexOf('->');
  if (arrow >= 0) {
    const rest = node.args.slice(arrow + 1);
    return rest.length === 1
      ? { name: undefined, values: rest }
      : named({ ...node, ops: node.ops.slice(arrow + 1), args: rest });
  }
  if (node.ops.length === 1 && node.ops[0] === 'in' && nameKey(node.args[0]!) !== undefined)
    return { name: node.args[0], values: [node.args[1]!] };
  if (!node.ops.every((op) => op === '=' || op === '~')) return undefined;
  const last = node.args.at(-1)!;
  const approximate = node.ops.indexOf('~');
  const values = approximate >= 0 && approximate < node.args.length - 1 ? [node.args[approximate]!, last] : [last];
  const first = node.args[0]!;
  if (nameKey(first) !== undefined)
    return { name: first, values: values.filter((value) => value !== first || node.args.length === 1) };
  if (symbols(node).size === 0) return { name: undefined, values };
  if (node.args.length === 2 && nameKey(last) !== undefined && last.k === 'sym') return { name: last, values: [first] };
  if (node.ops.every((op) => op === '~') && node.args.length === 2) return { name: undefined, values: [first, last] };
  return undefined;
}

/** The name's key of an item such as `a = 2`. */
export function nameOf(node: Node): string | undefined {
  const value = named(node);
  return value?.name && nameKey(value.name);
}

/** The value of an item, its name taken off. */
export function withoutName(node: Node): Node {
  const value = named(node);
  return value === undefined ? node : value.values[0]!;
}
