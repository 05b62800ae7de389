/** A document for Observable Plot where there is no browser. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/**
 * Any plot of Observable Plot as an SVG string, where there is no browser. Its colours may be the CSS variables of
 * {@link reportPart} and {@link reportPage} (`var(--accent)`, `--other`, `--good`, `--bad`, `--muted`), so that one drawing serves light and dark.
 *
 * @param options as `Plot.plot` takes them
 * @returns an `<svg>`, or a `<figure>` where the options ask for a legend, a title or a caption
 * @example
 * ```ts
 * import * as Plot from '@observablehq/plot';
 * import { drawPlot } from '@svo/report';
 * const svg = drawPlot({ marks: [Plot.lineY([1, 3, 2], { stroke: 'var(--accent)' })] });
 * svg.startsWith('<svg'); // => true
 * ```
 */
export function drawPlot(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = Plot.plot({
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '13px', overflow: 'visible' },
  });
  return drawn.outerHTML;
}

/** Text as HTML shows it: nothing that a model wrote can become markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
