/** A solution with its steps coloured by value, alive: a step under the pointer, the focus or a finger says what is known of it. */
import { computed, defineComponent, h, ref, shallowRef, type VNode } from 'vue';
import recorded from './tree.json' with { type: 'json' };
import { creditOf, type Node, type RecordedTree, solutionThrough, triedBeside } from './tree.ts';

const { nodes, wrong, right } = recorded as RecordedTree;

export default defineComponent({
  name: 'ColouredSolution',
  setup() {
    // Shallow: a ref would hold a proxy of the path, which is neither of the two that the buttons know.
    const path = shallowRef<readonly number[]>(wrong);
    const at = ref(faultOf(wrong));
    const shownRight = computed(() => nodes[path.value.at(-1)!]!.right);
    const show = (solution: readonly number[]): void => {
      path.value = solution;
      at.value = faultOf(solution);
    };
    const take = (node: number): void => {
      path.value = solutionThrough(nodes, node);
      at.value = node;
    };
    return () =>
      h('figure', { class: 'solution-card' }, [
        h('figcaption', [
          h('code', nodes[0]!.text),
          h('div', { class: 'choice', role: 'group', 'aria-label': 'Which solution' }, [
            choice('a wrong solution', path.value === wrong, () => show(wrong)),
            choice('a right one', path.value === right, () => show(right)),
          ]),
        ]),
        h(
          'ol',
          { class: 'steps' },
          path.value.map((node) =>
            h('li', { key: node }, [
              h(
                'button',
                {
                  type: 'button',
                  class: ['step', { at: node === at.value }],
                  style: { '--value': nodes[node]!.value },
                  'aria-current': node === at.value ? 'step' : undefined,
                  onClick: () => (at.value = node),
                  onFocus: () => (at.value = node),
                  onPointerenter: () => (at.value = node),
                },
                [
                  h('code', nodes[node]!.text),
                  h('span', { class: 'mark', 'aria-hidden': 'true' }, markOf(nodes[node]!)),
                  h('span', { class: 'value' }, signed(nodes[node]!.value)),
                ],
              ),
            ]),
          ),
        ),
        h('div', { class: 'told', 'aria-live': 'polite' }, [
          h('p', told(at.value)),
          h('dl', [
            fact('value after it', signed(nodes[at.value]!.value)),
            fact('credit', signed(creditOf(nodes, at.value))),
            fact('draws through it', `${nodes[at.value]!.visits} of ${nodes[0]!.visits}`),
          ]),
        ]),
        h('div', { class: 'beside' }, [
          h('p', shownRight.value ? 'Tried in its place, too:' : 'What else the model tried in its place:'),
          h(
            'ul',
            triedBeside(nodes, at.value)
              .filter((node) => node !== at.value)
              .map((node) =>
                h('li', { key: node }, [
                  h(
                    'button',
                    {
                      type: 'button',
                      class: 'step',
                      style: { '--value': nodes[node]!.value },
                      onClick: () => take(node),
                    },
                    [h('code', nodes[node]!.text), h('span', { class: 'value' }, signed(nodes[node]!.value))],
                  ),
                ]),
              ),
          ),
        ]),
      ]);
  },
});

/** The step that lost most. */
function faultOf(path: readonly number[]): number {
  return path.toSorted((a, b) => creditOf(nodes, a) - creditOf(nodes, b))[0]!;
}

function told(node: number): string {
  const { kind, right, text } = nodes[node]!;
  if (kind === 'answer') return right ? 'The right answer.' : 'The wrong answer. The fault lies further up.';
  if (kind === 'merged')
    return right
      ? `${text} does two operations at once, and right: by luck, for this model.`
      : `${text} does two operations at once, and wrong: this is the habit at fault.`;
  if (kind === 'plain') return `${text} is one operation${right ? ', and right' : ', and wrong'}.`;
  return `${text} does not follow from what stands before it.`;
}

const markOf = ({ kind, right }: Node): string =>
  kind === 'answer' ? (right ? '✓' : '✗') : kind === 'merged' ? 'skips a step' : '';

const choice = (text: string, pressed: boolean, onClick: () => void): VNode =>
  h('button', { type: 'button', 'aria-pressed': pressed, onClick }, text);

const fact = (name: string, value: string): VNode => h('div', [h('dt', name), h('dd', value)]);

const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;
