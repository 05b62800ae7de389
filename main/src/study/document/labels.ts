import { labels } from '../../summary.ts';
import type { Method } from '../cell.ts';
import { type Variant, variants } from '../variants.ts';

const variantLabels = Object.fromEntries(
  Object.entries(variants).map(([name, { label }]) => [name, label]),
) as Readonly<Record<Variant, string>>;

/** What people call a method. */
export const methodLabels: Readonly<Record<Method, string>> = { ...labels, ...variantLabels, base: 'base' };
