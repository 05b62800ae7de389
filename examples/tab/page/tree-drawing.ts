/** The tree, drawn anew after every leaf: what is there already moves to its new place, what is new comes in. */
import type { SeenNode, SeenTree } from '../story/seen-tree.ts';
import { html, signed, svg } from './dom.ts';
import { type Layout, layoutOf, letter } from './tree-layout.ts';

/** A drawing in `target`, one tree at a time. */
export function treeDrawing(target: SVGSVGElement): { readonly draw: (tree: SeenTree) => void } {
  let shown = '';
  const groups = new Map<number, SVGGElement>();
  const edges = new Map<number, SVGPathElement>();
  return {
    draw: (tree) => {
      const first = tree.nodes.map(({ text }) => text).slice(0, groups.size);
      // Another tree, not this one grown.
      if (groups.size === 0 || groups.size > tree.nodes.length || first.join() !== shown) {
        groups.clear();
        edges.clear();
        target.replaceChildren(svg('g', { class: 'edges' }), svg('g', { class: 'nodes' }));
      }
      const layout = layoutOf(tree, Math.max(280, target.parentElement?.clientWidth ?? 600));
      target.setAttribute('width', String(Math.round(layout.width)));
      target.setAttribute('height', String(Math.round(layout.height)));
      target.setAttribute('aria-label', summary(tree));
      for (const [index, node] of tree.nodes.entries()) {
        const { x, y } = layout.places[index]!;
        const group = groups.get(index) ?? svg('g', { class: 'node new' });
        if (!groups.has(index)) target.lastElementChild!.append(group);
        groups.set(index, group);
        group.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
        fill(group, node, layout);
        const parent = layout.places[node.parent];
        if (parent === undefined) continue;
        const edge = edges.get(index) ?? svg('path', {});
        if (!edges.has(index)) target.firstElementChild!.append(edge);
        edges.set(index, edge);
        const from = parent.x + (node.parent === 0 ? 4 : endOf(tree.nodes[node.parent]!, layout));
        const bend = Math.max(6, (x - from) / 2);
        edge.setAttribute('d', `M${from} ${parent.y}C${from + bend} ${parent.y} ${x - bend} ${y} ${x} ${y}`);
        edge.setAttribute('class', node.kind === 'merged' ? 'edge merged' : 'edge');
        // The thicker the more often it was drawn.
        edge.setAttribute('stroke-width', (0.8 + 0.9 * Math.min(5, node.count)).toFixed(1));
      }
      shown = tree.nodes.map(({ text }) => text).join();
    },
  };
}

/** What stands in a node's box. */
const written = ({ kind, text, right }: SeenNode): string =>
  kind === 'answer' ? `${text.replace('Final Answer:', '').trim()} ${right ? '✓' : '✗'}` : text;

const widthOf = (node: SeenNode, { box, narrow }: Layout): number =>
  Math.min(box.width, written(node).length * letter(narrow) + (narrow ? 7 : 12));

/** Before the first visit nothing is known of a node. */
const isValued = ({ visits, kind }: SeenNode): boolean => visits > 0 || kind === 'answer';

/** Where edges to its children begin: behind its value, where that stands beside it. */
const endOf = (node: SeenNode, layout: Layout): number =>
  widthOf(node, layout) + (layout.narrow || !isValued(node) ? 0 : 42);

/** Fills a node's group; one that is filled already only gets its new value, so that nothing comes in twice. */
function fill(group: SVGGElement, node: SeenNode, layout: Layout): void {
  if (node.kind === 'question') {
    if (group.childElementCount === 0) group.append(svg('circle', { r: 4.5, class: 'root' }));
    return;
  }
  const { narrow, box } = layout;
  const width = widthOf(node, layout);
  const known = `${written(node)}${narrow}`;
  if (group.dataset.known !== known) {
    group.dataset.known = known;
    group.classList.add(node.kind, node.right ? 'right' : 'wrong');
    group.replaceChildren(
      svg('title'),
      svg('rect', { x: 0, y: -box.height / 2, width, height: box.height, rx: 6 }),
      svg('text', { class: 'step', x: narrow ? 3.5 : 6, y: 4, 'font-size': narrow ? 9.8 : 12 }, written(node)),
      svg('text', narrow ? { class: 'value', x: 3.5, y: box.height / 2 + 11 } : { class: 'value', x: width + 6, y: 4 }),
    );
  }
  group.querySelector('title')!.textContent = told(node);
  group.querySelector('.value')!.textContent = isValued(node) ? signed(node.value) : '';
}

const told = ({ text, kind, right, value, visits, count }: SeenNode): string => {
  const what = kind === 'merged' ? 'skips a step' : kind;
  return `${text}: ${what}, ${right ? 'right' : 'wrong'}, drawn ${count} times, value ${signed(value)}, ${visits} visits`;
};

function summary({ prompt, nodes }: SeenTree): string {
  const count = (wanted: (node: SeenNode) => boolean): number => nodes.filter(wanted).length;
  const merged = count(({ kind }) => kind === 'merged');
  const [right, wrong] = [true, false].map((is) => count(({ kind, right }) => kind === 'answer' && right === is));
  return `Tree of ${prompt}: ${nodes.length - 1} nodes, ${merged} of them skip a step; ${right} right and ${wrong} wrong answers; value of the question ${signed(nodes[0]?.value ?? 0)}`;
}

/** The same tree as nested lists, for who reads or listens. */
export function treeList({ nodes }: SeenTree): HTMLUListElement {
  const lists = new Map<number, HTMLUListElement>();
  const root = html('ul');
  lists.set(0, root);
  for (const [index, node] of nodes.entries()) {
    if (index === 0) continue;
    const item = html('li', {}, told(node));
    const parent = lists.get(node.parent);
    parent?.append(item);
    const own = html('ul');
    item.append(own);
    lists.set(index, own);
  }
  for (const list of lists.values()) if (list !== root && list.childElementCount === 0) list.remove();
  return root;
}
