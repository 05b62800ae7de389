import { children, type Node, some, withChildren } from '../reading/ast.ts';

const hasSign = (node: Node): boolean => some(node, (n) => n.k === 'pm');

/** The node with every ± read as plus, or as minus; ∓ the other way round. */
function withSign(node: Node, minus: boolean): Node {
  if (node.k === 'pm') {
    const inner = withSign(node.a, minus);
    return minus !== node.flip ? { k: 'neg', a: inner } : inner;
  }
  const below = children(node);
  return below.length === 0
    ? node
    : withChildren(
        node,
        below.map((child) => withSign(child, minus)),
      );
}

/** Every combination of signs, each ± by itself; undefined when there are more than 64. */
function independently(node: Node): readonly Node[] | undefined {
  if (!hasSign(node)) return [node];
  if (node.k === 'pm') {
    const inner = independently(node.a);
    return inner?.flatMap((a): Node[] => [a, { k: 'neg', a }]);
  }
  let combinations: Node[][] = [[]];
  for (const child of children(node)) {
    const options = independently(child);
    if (options === undefined || combinations.length * options.length > 64) return undefined;
    combinations = combinations.flatMap((done) => options.map((option) => [...done, option]));
  }
  return combinations.map((next) => withChildren(node, next));
}

/**
 * What an expression with ± stands for: first with all signs going together (2 values), then, unless `linkedOnly`, with each sign by
 * itself when there are several.
 */
export function expandSigns(node: Node, linkedOnly: boolean): readonly (readonly Node[])[] {
  if (!hasSign(node)) return [[node]];
  const linked = [withSign(node, false), withSign(node, true)];
  if (linkedOnly) return [linked];
  const free = independently(node);
  return free === undefined || free.length <= 2 ? [linked] : [linked, free];
}
