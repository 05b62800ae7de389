import type { Row } from '../../cell.ts';
import { cellOf, fewMethods, fewQuestions } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy } from '../scores.ts';

/** The same updates on fewer questions. */
export function questionsTable(rows: readonly Row[]): string {
  return table(
    ['sampled', ...[...fewQuestions, 100].map((count) => `${count} questions`)],
    fewMethods.map((method) => [
      methodLabels[method],
      ...[...fewQuestions, 100].map((questions) =>
        show(accuracy(rows, shared(cellOf(method, 0, 0, { questions })), 'sampled')),
      ),
    ]),
  );
}
