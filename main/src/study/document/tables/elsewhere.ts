import type { Cell, Row } from '../../cell.ts';
import { baseCell, cellOf, elsewhereMethods, roundsChange } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy } from '../scores.ts';

/** Everything on other ground: three rounds, a longer-trained base, the chains. */
export function elsewhereTable(rows: readonly Row[]): string {
  const places: readonly (readonly [label: string, change: Partial<Cell>])[] = [
    ['three rounds', roundsChange(3)],
    ['one round of the same bench', roundsChange(1)],
    ['a longer-trained base', { base: 'longer' }],
    ['the chains', { task: 'chains' }],
  ];
  return table(
    ['', ...(['base', ...elsewhereMethods] as const).map((method) => methodLabels[method])],
    places.map(([label, change]) => {
      const cells = (['base', ...elsewhereMethods] as const).map((method) => {
        const given = shared(method === 'base' ? baseCell(0, change) : cellOf(method, 0, 0, change));
        const [greedy, sampled] = decodings.map((decoding) => accuracy(rows, given, decoding));
        return greedy === undefined
          ? open
          : `${greedy.mean.toFixed(1)} / ${sampled!.mean.toFixed(1)} (${greedy.seeds})`;
      });
      return cells.every((cell) => cell === open) ? [] : [label, ...cells];
    }),
  );
}
