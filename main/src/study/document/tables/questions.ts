import type { Row } from '../../cell.ts';
import { cellOf, fewMethods, fewQuestions, openEnds } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { open, show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, type Decoding } from '../scores.ts';

/** The same updates on fewer questions; DVO with its ends unscored where there are rows of it. */
export const questionsTable =
  (decoding: Decoding) =>
  (rows: readonly Row[]): string => {
    const counts = [...fewQuestions, 100];
    return table(
      [decoding, ...counts.map((count) => `${count} questions`)],
      [...fewMethods, ...Object.values(openEnds)].map((method) => {
        const cells = counts.map((questions) =>
          show(accuracy(rows, shared(cellOf(method, 0, 0, { questions })), decoding)),
        );
        return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
      }),
    );
  };
