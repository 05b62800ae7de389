import { escapeHtml } from './dom.ts';

/** A solution whose steps carry DVO's credit c = r + V(s′) − V(s), in the units of the reward (±1). */
export interface CreditedSolution {
  readonly prompt: string;
  readonly right: boolean;
  readonly steps: readonly CreditedStep[];
}

/** One step with what the search says of it. */
export interface CreditedStep {
  readonly text: string;
  readonly credit: number;
  /** V of the state before the step. */
  readonly value: number;
  /** A word or two of what the step is, shown beside it. */
  readonly note?: string;
}

/**
 * A solution with each step coloured by its credit, DVO's Figure 6, as HTML: green raised the value, red lowered it, the
 * stronger the more. Texts are escaped.
 *
 * @example
 * ```ts
 * import { creditedSolution } from '@svo/report';
 * const html = creditedSolution({ prompt: '1+1?', right: true, steps: [{ text: '<b>2</b>', credit: 0.4, value: 0.6 }] });
 * html.includes('<b>2'); // => false
 * ```
 */
export function creditedSolution(solution: CreditedSolution): string {
  const steps = solution.steps.map(({ text, credit, value, note = '' }) => {
    const share = Math.min(100, Math.round(70 * Math.min(1, Math.abs(credit)) ** 0.6));
    const colour = credit >= 0 ? 'var(--good)' : 'var(--bad)';
    return `<li style="background:color-mix(in srgb, ${colour} ${share}%, transparent)">
      <code>${escapeHtml(text.trim())}</code><i>${escapeHtml(note)}</i><span>V ${signed(value)}</span><b>${signed(credit)}</b></li>`;
  });
  return `<figure class="solution">
    <figcaption><b>${solution.right ? 'right' : 'wrong'}</b> <code>${escapeHtml(solution.prompt.trim())}</code></figcaption>
    <ol>${steps.join('')}</ol></figure>`;
}

const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;
