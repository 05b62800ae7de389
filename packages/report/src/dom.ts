/** A document for Observable Plot where there is no browser. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Draws a plot to an SVG string. Colours are CSS variables of the page, so one drawing serves light and dark. */
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
