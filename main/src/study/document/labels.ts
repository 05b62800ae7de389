import { labels } from '../../summary.ts';
import type { Method } from '../cell.ts';

/** What people call a method. */
export const methodLabels: Readonly<Record<Method, string>> = {
  ...labels,
  base: 'base',
  'dvo-outcome': 'DVO, outcome alone',
};
