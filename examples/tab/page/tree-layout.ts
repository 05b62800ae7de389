/** Where the nodes of a tree stand: a column a step, a row a leaf, a parent in the middle of its children. */
import type { SeenTree } from '../story/seen-tree.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly places: readonly Place[];
  readonly width: number;
  readonly height: number;
  /** Of a box. */
  readonly box: { readonly width: number; readonly height: number };
  /** Whether there is no room beside a box for its value, which then stands below. */
  readonly narrow: boolean;
}

/** The width of a letter in a box, a little more than what is drawn. */
export const letter = (narrow: boolean): number => (narrow ? 5.95 : 7.3);

export function layoutOf({ nodes }: SeenTree, room: number): Layout {
  const children = nodes.map((): number[] => []);
  const depths: number[] = [];
  for (const [node, { parent }] of nodes.entries()) {
    depths.push(parent < 0 ? 0 : depths[parent]! + 1);
    children[parent]?.push(node);
  }
  const deepest = Math.max(4, ...depths);
  const longest = Math.max(7, ...nodes.slice(1).map(({ text, kind }) => (kind === 'answer' ? 3 : text.length)));
  const narrow = room < 620;
  const box = { width: longest * letter(narrow) + (narrow ? 7 : 12), height: narrow ? 19 : 24 };
  const [first, gap] = narrow ? [14, 8] : [22, 58];
  const column = Math.min(Math.max((room - first - 4) / deepest, box.width + gap), 190);
  const row = narrow ? 38 : 34;
  const rows: number[] = [];
  let next = 0;
  const place = (node: number): void => {
    for (const child of children[node]!) place(child);
    const own = children[node]!.map((child) => rows[child]!);
    rows[node] = own.length > 0 ? (own[0]! + own.at(-1)!) / 2 : next++;
  };
  if (nodes.length > 0) place(0);
  return {
    // The question stands above; its point is where the first steps part.
    places: nodes.map((_, node) => ({
      x: depths[node] === 0 ? 4 : first + (depths[node]! - 1) * column,
      y: row / 2 + rows[node]! * row,
    })),
    width: Math.max(room, first + (deepest - 1) * column + box.width + (narrow ? 1 : 46)),
    height: Math.max(1, next) * row + 6,
    box,
    narrow,
  };
}
