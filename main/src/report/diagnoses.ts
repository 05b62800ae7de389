import { escapeHtml, type Section } from '@svo/report';
import type { LaneResult } from '../stages/lanes.ts';
import { labels } from '../summary.ts';

/** What `diagnose` says of each training, where it says something. */
export function diagnosisSections(lanes: readonly LaneResult[]): Section[] {
  const items = lanes.flatMap(({ objective, source, rounds, diagnoses }) =>
    diagnoses.map(({ round, severity, message }) => {
      const where = `${labels[objective]} from ${source}${rounds.length > 1 ? `, round ${round}` : ''}: ${severity}`;
      return `<li><strong>${escapeHtml(where)}.</strong> ${escapeHtml(message)}</li>`;
    }),
  );
  if (items.length === 0) return [];
  return [
    {
      title: 'What looks wrong',
      note: 'Every training’s metrics and its sampled accuracy before and after, as `diagnose` of @svo/train reads them.',
      html: `<ul>${items.join('')}</ul>`,
    },
  ];
}
