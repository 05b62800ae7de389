import { describe, expect, test } from 'vitest';
import { svpoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { growTree } from '../test-support/grow-tree.ts';
import { createTree } from '../tree/tree.ts';
import { toDot } from './to-dot.ts';
import { toHtml } from './to-html.ts';

const evil = `</span><script>alert('x')</script><img src=x onerror="alert(1)"> & \\"`;

const tree = createTree({ id: `"q"<1>`, prompt: `What ${evil}?` });
const rules = svpoSearch({ prior: uniformPrior, verifier: () => ({ equivalent: true, how: 'test' }) });
tell(tree, rules, ask(tree, rules)!, [
  { text: evil, count: 2, finish: 'answer' },
  { text: 'x', count: 1, finish: 'error', failure: { kind: 'server', message: evil } },
]);

describe('toHtml', () => {
  const page = toHtml(tree);

  test('shows what a model wrote as text: the only tags are our own', () => {
    const tags = new Set([...page.matchAll(/<([a-z]+\d?)/g)].map(([, tag]) => tag));
    const own = 'html head meta title style body main h1 p nav button div details summary span script';
    expect([...tags].sort()).toEqual(own.split(' ').sort());
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;/span&gt;&lt;script&gt;alert(&#39;x&#39;)');
  });

  test('needs nothing from elsewhere, and closes what it opens', () => {
    expect(page).not.toMatch(/https?:|@import|url\(|src=x onerror="/);
    for (const tag of ['details', 'summary', 'div', 'span']) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;
      expect(page.match(new RegExp(`</${tag}>`, 'g'))?.length, tag).toBe(opened);
    }
  });

  test('says what each node is worth, how often it was seen and drawn, and how it ended', () => {
    expect(page).toContain('✓ correct');
    expect(page).toContain('∅ lost');
    expect(page).toContain('×2');
    expect(page).toContain('server: ');
  });

  test('of a large tree shows the nodes visited most and counts the rest', () => {
    const large = growTree({ seed: 2, iterations: 300, inFlight: 1 });
    const cut = toHtml(large, { nodes: 50 });
    expect(cut.match(/class="t"/g)).toHaveLength(50 + 1);
    const more = [...cut.matchAll(/class="more">(\d+) more/g)].map(([, count]) => Number(count));
    expect(more.length).toBeGreaterThan(0);
    expect(cut).toContain('the 50 nodes visited most are shown');
    expect(() => toHtml(large, { nodes: 0 })).toThrow('toHtml: nodes must be a positive integer, got 0');
  });

  test('does not overflow the stack on a deep tree', () => {
    const depth = 30_000;
    const deep = createTree({ id: 'deep', prompt: '?' }, { capacity: depth + 1 });
    for (let node = 1; node <= depth; node++) {
      deep.parents[node] = node - 1;
      deep.depths[node] = node;
      deep.firstChildren[node] = -1;
      deep.firstChildren[node - 1] = node;
      deep.childCounts[node - 1] = 1;
      deep.texts.added.push('on');
    }
    deep.size = depth + 1;
    expect(toHtml(deep, { nodes: 2 * depth }).match(/class="t"/g)).toHaveLength(depth + 2);
  });
});

describe('toDot', () => {
  const dot = toDot(tree);

  test('quotes what a model wrote', () => {
    expect(dot.split('\n')[0]).toBe('digraph "\\"q\\"<1>" {');
    for (const line of dot.trim().split('\n').slice(1, -1)) {
      // Outside of quoted strings there is nothing but DOT.
      expect(line.replaceAll(/"(?:[^"\\]|\\.)*"/g, 'S')).toMatch(/^ {2}(node|n\d+( -> n\d+)?|more) \[[\w=S, ]+\];$/);
    }
  });

  test('draws an edge to every node but the root', () => {
    expect(dot.match(/->/g)).toHaveLength(tree.size - 1);
    const large = growTree({ seed: 2, iterations: 300, inFlight: 1 });
    expect(toDot(large, { nodes: 20 }).match(/->/g)).toHaveLength(19);
  });
});
