/** A number or text of the recorded run, where the home page's prose names it. */
import { defineComponent, h } from 'vue';
import recorded from './tree.json' with { type: 'json' };
import type { RecordedTree, Share } from './tree.ts';

const { weights, before, after, command } = recorded as RecordedTree;

const percent = ({ accuracy, low, high }: Share): string =>
  `${(100 * accuracy).toFixed(0)} % (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)})`;

const texts: Readonly<Record<string, string>> = {
  weights: weights.toLocaleString('en-GB'),
  before: percent(before),
  after: percent(after),
  command,
};

export default defineComponent({
  name: 'RecordedFact',
  props: { what: { type: String, required: true } },
  setup: ({ what }) => {
    const text = texts[what];
    if (text === undefined) throw new Error(`nothing is recorded of '${what}'`);
    // An element: texts beside each other would be one when the page comes alive.
    return () => h('span', text);
  },
});
