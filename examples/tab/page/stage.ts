/** Shows a picture: every part of the page from the one record. */
import type { Picture } from '../story/picture.ts';
import { chapters, lanes, type Who } from '../story/scenes.ts';
import type { CreditedSolution, CreditedStep } from '../story/solutions.ts';
import { titles } from './announce.ts';
import { drawCurves } from './curves.ts';
import { byId, html, percent, signed } from './dom.ts';
import { treeDrawing, treeList } from './tree-drawing.ts';

export interface Stage {
  readonly show: (picture: Picture) => void;
  /** Draws anew what is drawn to the page's width. */
  readonly fit: () => void;
  /** Before another story. */
  readonly clear: () => void;
}

const names: Readonly<Record<Who, string>> = { base: 'base', rft: 'RFT', dvo: 'DVO' };

export function stage(): Stage {
  const tree = treeDrawing(byId<SVGSVGElement>('tree'));
  const list = byId<HTMLDetailsElement>('list');
  /** Which tree was asked for; until somebody does, the newest. */
  let wanted: 'before' | 'after' | undefined;
  let last: Picture | undefined;
  const see = (when: 'before' | 'after'): void => {
    wanted = when;
    if (last !== undefined) showTree(last);
  };
  byId('see-before').addEventListener('click', () => see('before'));
  byId('see-after').addEventListener('click', () => see('after'));
  list.addEventListener('toggle', () => last !== undefined && showTree(last));

  function showTree(picture: Picture): void {
    const which =
      (wanted !== undefined && picture[wanted] !== undefined && wanted) || (picture.after ? 'after' : 'before');
    const seen = picture[which];
    byId('see-before').setAttribute('aria-pressed', String(which === 'before'));
    const after = byId<HTMLButtonElement>('see-after');
    after.setAttribute('aria-pressed', String(which === 'after'));
    after.disabled = picture.after === undefined;
    byId('question').textContent = seen?.prompt ?? '…';
    byId('no-tree').hidden = seen !== undefined;
    if (seen === undefined) return;
    tree.draw(seen);
    if (list.open) list.replaceChildren(list.firstElementChild!, treeList(seen));
  }

  // What a part is made from, and how it is shown: a part whose record is the one that was shown stays as it is.
  const parts: readonly (readonly [of: readonly (keyof Picture)[], show: (picture: Picture) => void])[] = [
    [['chapter'], showChapters],
    [['scores'], showScores],
    [['losses', 'shares'], showBase],
    [['before', 'after'], showTree],
    [['drawn'], showDrawn],
    [['solutions'], showSolutions],
    [['climbs'], showClimbs],
  ];
  return {
    show: (picture) => {
      const before = last;
      last = picture;
      for (const [of, show] of parts)
        if (before === undefined || of.some((key) => before[key] !== picture[key])) show(picture);
    },
    fit: () => {
      if (last === undefined) return;
      for (const show of [showBase, showTree, showClimbs]) show(last);
    },
    clear: () => {
      wanted = undefined;
      last = undefined;
      byId('tree').replaceChildren();
    },
  };
}

function showChapters({ chapter: now }: Picture): void {
  const at = now === undefined ? -1 : chapters.indexOf(now);
  const parts = chapters.filter((chapter) => chapter !== 'end');
  byId('chapters').replaceChildren(
    ...parts.map((chapter, i) => {
      const attributes = i < at ? { class: 'done' } : i === at ? { 'aria-current': 'step' } : {};
      return html('li', attributes as Record<string, string>, titles[chapter]);
    }),
  );
}

function showScores({ scores }: Picture): void {
  for (const who of ['base', ...lanes] as const) {
    const score = scores[who];
    byId<HTMLButtonElement>(`take-${who}`).disabled = score === undefined;
    const tile = byId(`score-${who}`);
    const [number, about, bar] = ['b', '.about', 'i'].map((part) => tile.querySelector<HTMLElement>(part)!);
    number!.replaceChildren(
      ...(score ? [String(Math.round(100 * score.greedy.accuracy)), html('small', {}, '%')] : ['–']),
    );
    about!.textContent = score
      ? `${percent(score.greedy.low)} to ${percent(score.greedy.high)}; skips in ${percent(score.merged)} of its steps`
      : 'not yet';
    bar!.style.width = `${score ? 100 * score.greedy.accuracy : 0}%`;
  }
}

function showBase({ shares, losses }: Picture): void {
  const last = losses.at(-1);
  byId('loss').textContent = last === undefined ? '' : `Update ${last.step}, loss ${last.value.toFixed(3)}.`;
  const curve = (of: 'plain' | 'merged') => shares.map(({ step, ...share }) => ({ step, value: share[of] }));
  drawCurves(
    byId<SVGSVGElement>('shares'),
    [
      { name: 'plain', style: 'plain', points: curve('plain') },
      { name: 'skipped', style: 'merged', points: curve('merged') },
    ],
    { most: Math.max(200, last?.step ?? 0), unit: 'updates', what: 'Steps that are right' },
  );
}

function showDrawn({ drawn }: Picture): void {
  const { questions, of, solutions, right } = drawn ?? { questions: 0, of: 1, solutions: 0, right: 0 };
  byId<HTMLProgressElement>('drawing').value = questions / of;
  byId('drawn').textContent =
    drawn === undefined
      ? 'Solutions come when the base is ready.'
      : `${solutions.toLocaleString('en')} solutions to ${questions} of ${of} questions; ${percent(right / Math.max(1, solutions))} are right.`;
}

const showSolutions = ({ solutions }: Picture): void => byId('solutions').replaceChildren(...solutions.map(solutionOf));

function showClimbs({ climbs, updates }: Picture): void {
  drawCurves(
    byId<SVGSVGElement>('climbs'),
    lanes.map((lane) => ({ name: names[lane], style: lane, points: climbs[lane] })),
    { most: updates || 200, unit: 'updates', what: 'Questions answered right' },
  );
}

function solutionOf({ prompt, right, steps }: CreditedSolution): HTMLElement {
  return html(
    'figure',
    {},
    html('figcaption', {}, html('b', {}, right ? 'right ✓ ' : 'wrong ✗ '), html('code', {}, prompt)),
    html('ol', { class: 'steps' }, ...steps.map(stepOf)),
  );
}

function stepOf({ text, credit, kind }: CreditedStep): HTMLElement {
  const item = html('li', { class: `credited ${kind}` }, text.replace('Final Answer:', 'Answer:'));
  const strength = Math.round(38 * Math.min(1, Math.abs(credit)) ** 0.6);
  item.style.setProperty(
    '--tint',
    `color-mix(in srgb, ${credit < 0 ? 'var(--bad)' : 'var(--good)'} ${strength}%, transparent)`,
  );
  if (kind === 'merged') item.append(html('small', {}, 'skipped'));
  item.append(html('b', { class: 'credit' }, signed(credit)));
  return item;
}
