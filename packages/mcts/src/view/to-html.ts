import { assertOptions } from '@svo/mdp';
import { nodeStatus } from '../tree/node-status.ts';
import { promptOf } from '../tree/path.ts';
import type { Outcome } from '../tree/status.ts';
import { treeSummary } from '../tree/summary.ts';
import { textAt } from '../tree/texts.ts';
import type { Tree } from '../tree/tree.ts';
import { SCRIPT, STYLE } from './html-style.ts';
import { requireMost, shownNodes } from './shown-nodes.ts';

const SIGNS: Readonly<Record<Outcome, string>> = {
  correct: '✓ correct',
  wrong: '✗ wrong',
  undecided: '? undecided',
  cut: '✂ cut off',
  deep: '↧ too deep',
  unusable: '⚠ unusable',
  lost: '∅ lost',
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as text: what a model wrote can't become markup, inside elements or attributes. */
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign]!);

/**
 * A tree as one HTML page that needs nothing else: steps unfold, with V, N and the prior; paths to right answers are open.
 * Light or dark as the reader has it. Step texts are shown as text, whatever a model wrote.
 *
 * @param options `nodes`: the most nodes to show, by visits; 2,000
 * @throws RangeError when `nodes` is no positive integer
 * @example
 * ```ts
 * import { createTree, toHtml } from '@svo/mcts';
 * toHtml(createTree({ id: 'q1', prompt: 'Is 2 < 3?' })).includes('Is 2 &lt; 3?'); // => true
 * ```
 */
export function toHtml(tree: Tree, options: { readonly nodes?: number } = {}): string {
  assertOptions('toHtml', options, ['nodes']);
  const { nodes = 2000 } = options;
  requireMost('toHtml', nodes);
  const shown = shownNodes(tree, nodes);
  const { outcomes, expanded, deepest, usage } = treeSummary(tree);
  const ended = Object.entries(outcomes).filter(([, count]) => count > 0);
  const facts = [
    `${tree.size} nodes, ${expanded} expanded, ${deepest} deep`,
    ended.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'no end reached',
    `${usage.requests} requests, ${usage.tokens} tokens`,
  ];
  if (usage.lost > 0) facts.push(`${usage.lost} draws lost to the server, not counted`);
  if (shown.size < tree.size) facts.push(`the ${shown.size} nodes visited most are shown`);
  const title = escaped(tree.question.id);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Search tree of ${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(promptOf(tree))}</h1>
<p class="facts">${escaped(facts.join(' · '))}</p>
<nav><button id="right">Unfold right answers</button><button id="unfold">Unfold all</button><button id="fold">Fold all</button></nav>
<div class="leaf head"><span class="v">V</span><span class="n">N</span><span class="t">step</span><span class="p">prior</span></div>
${rows(tree, shown)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** The rows without recursion: a tree may be deeper than a call stack. */
const rows = (tree: Tree, shown: ReadonlySet<number>): string => {
  const out: string[] = [];
  const todo: (number | string)[] = [0];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === 'string') {
      out.push(next);
      continue;
    }
    const first = tree.firstChildren[next]!;
    const children = Array.from({ length: tree.childCounts[next]! }, (_, k) => first + k);
    if (children.length === 0) {
      out.push(`<div class="leaf">${cells(tree, next)}</div>`);
      continue;
    }
    const { solved } = nodeStatus(tree, next);
    out.push(
      `<details data-solved="${solved ? 1 : 0}"${solved || next === 0 ? ' open' : ''}><summary>${cells(tree, next)}</summary><div class="kids">`,
    );
    todo.push('</div></details>');
    const drawn = children.filter((child) => shown.has(child));
    if (drawn.length < children.length) todo.push(`<div class="more">${children.length - drawn.length} more</div>`);
    drawn.sort((a, b) => tree.visits[a]! - tree.visits[b]! || tree.values[a]! - tree.values[b]! || b - a);
    todo.push(...drawn);
  }
  return out.join('\n');
};

const cells = (tree: Tree, node: number): string => {
  const { outcome, kind } = nodeStatus(tree, node);
  const value = tree.values[node]!;
  const share = Math.round(50 * (1 + Math.max(-1, Math.min(1, value))));
  const [from, to, part] = share < 50 ? ['bad', 'even', 2 * share] : ['even', 'good', 2 * share - 100];
  const seen = tree.visits[node]! > 0;
  const colour = seen ? ` style="background:color-mix(in oklab,var(--${to}) ${part}%,var(--${from}))"` : '';
  const failure = tree.failures.get(node);
  const count = tree.counts[node]! > 1 ? ` ×${tree.counts[node]}` : '';
  const sign = outcome === undefined ? (kind === 'in flight' ? 'in flight' : '') : SIGNS[outcome];
  const text = node === 0 ? 'question' : textAt(tree.texts, node).trim();
  const why = failure === undefined ? '' : `<span class="why">${escaped(`${failure.kind}: ${failure.message}`)}</span>`;
  return (
    `<span class="v" title="V, the value"${colour}>${seen ? value.toFixed(2).replace('-', '−') : '–'}</span>` +
    `<span class="n" title="N, visits">${tree.visits[node]}</span>` +
    `<span class="t">${escaped(text)}${why} <span class="o">${sign}</span></span>` +
    `<span class="p" title="prior, and how often it was drawn">${tree.priors[node]!.toPrecision(2)}${count}</span>`
  );
};
