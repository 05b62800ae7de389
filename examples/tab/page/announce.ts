/** What a listener is told: the turns of the story, not every number. */
import type { Chapter, Scene } from '../story/scenes.ts';
import { percent } from './dom.ts';

/** The parts as they are named on the page; the last chapter is no part. */
export const titles: Readonly<Record<Chapter, string>> = {
  base: 'The base learns',
  before: 'A tree grows',
  draws: 'It answers, steps are credited',
  lanes: 'Two objectives learn',
  after: 'What they learned',
  end: 'The story is over',
};

const names = { base: 'The base', rft: 'RFT', dvo: 'DVO' } as const;

export function announcement(scene: Scene): string | undefined {
  if (scene.kind === 'chapter') return `${titles[scene.chapter]}.`;
  if (scene.kind === 'scored') {
    const { greedy, sampled } = scene.score;
    return `${names[scene.who]} answers ${percent(greedy.accuracy)} right, ${percent(sampled.accuracy)} when it samples.`;
  }
  return undefined;
}
