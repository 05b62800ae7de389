import { assertOptions } from '@svo/mdp';
import { terminalOutcome } from '../tree/node-status.ts';
import { textAt } from '../tree/texts.ts';
import type { Tree } from '../tree/tree.ts';
import { requireMost, shownNodes } from './shown-nodes.ts';

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '').replaceAll('\n', '\\n')}"`;

const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
};

/** Red for −1, yellow for 0, green for +1, in Graphviz' hue, saturation, value. */
const colour = (value: number): string => `${((Math.max(-1, Math.min(1, value)) + 1) / 6).toFixed(3)} 0.35 0.95`;

/**
 * A tree as a Graphviz digraph: each node with its step, V and N, coloured by V; terminals are boxes with their outcome.
 *
 * @param options `nodes`: the most nodes to draw, by visits; 500
 * @throws RangeError when `nodes` is no positive integer
 * @example
 * ```ts
 * import { createTree, toDot } from '@svo/mcts';
 * toDot(createTree({ id: 'q1', prompt: '2 + 3?' })).split('\n')[0]; // => 'digraph "q1" {'
 * ```
 */
export function toDot(tree: Tree, options: { readonly nodes?: number } = {}): string {
  assertOptions('toDot', options, ['nodes']);
  const { nodes = 500 } = options;
  requireMost('toDot', nodes);
  const shown = shownNodes(tree, nodes);
  const lines = [`digraph ${quoted(tree.question.id)} {`, '  node [style=filled, fontname="sans-serif"];'];
  for (const node of [...shown].sort((a, b) => a - b)) {
    const outcome = terminalOutcome(tree, node);
    const text = node === 0 ? tree.question.prompt : textAt(tree.texts, node);
    const numbers = `V ${tree.values[node]!.toFixed(2)}  N ${tree.visits[node]}${outcome === undefined ? '' : `  ${outcome}`}`;
    const shape = outcome === undefined ? 'ellipse' : 'box';
    const label = quoted(`${short(text)}\n${numbers}`);
    lines.push(`  n${node} [label=${label}, shape=${shape}, fillcolor="${colour(tree.values[node]!)}"];`);
    if (node > 0) lines.push(`  n${tree.parents[node]} -> n${node} [label="${tree.priors[node]!.toPrecision(2)}"];`);
  }
  if (shown.size < tree.size)
    lines.push(`  more [label="${tree.size - shown.size} more nodes", shape=plaintext, style=""];`);
  return `${lines.join('\n')}\n}\n`;
}
