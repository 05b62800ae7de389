import { prefixTree } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import { mathVerifier } from '@svo/verify';
import { expect, test } from 'vitest';
import { materialMetrics } from './material-metrics.ts';

const one = (questionId: string, text: string, reward: number, credits: readonly number[]): ValuedTrajectory => ({
  questionId,
  prompt: '?',
  steps: credits.map((_, t) => `${text}${t}`),
  reward,
  values: [...credits, 0].map(() => 0),
  credits,
});

test('counts trajectories, questions, different right ones and steps', () => {
  const metrics = materialMetrics([
    one('a', 'x', 1, [0.04, 1]),
    one('a', 'y', 1, [-0.05, 0.2]),
    one('a', 'x', 1, [0, 0.049]),
    one('a', 'z', -1, [-1]),
    one('b', 'x', -1, [0, 0, -0.01]),
    one('c', 'x', 1, [0.3]),
  ]);
  expect(metrics).toEqual({
    'material/right': 4 / 6,
    'material/mixed': 1 / 3,
    'material/distinct_right': 1.5,
    'material/empty_credits': 6 / 11,
  });
});

test('of trees, the share of ends that ran out of tokens, lost ones apart', () => {
  const drawn = (text: string, finished: boolean) => ({ steps: [text], finished });
  const lost = { steps: [], finished: false, failure: { kind: 'network', message: 'gone' } as const };
  const responses = [drawn('1', true), drawn('2', true), drawn('3', false), drawn('4', true), lost];
  const tree = prefixTree({ id: 'a', prompt: '?', answer: '1' }, responses, { verifier: mathVerifier });
  const whole = prefixTree({ id: 'b', prompt: '?', answer: '1' }, [drawn('1', true)], { verifier: mathVerifier });
  const trajectories = [one('a', 'x', 1, [1])];
  expect(materialMetrics(trajectories, [tree, whole])['material/cut']).toBe(1 / 5);
  expect(materialMetrics(trajectories, [whole])['material/cut']).toBe(0);
});

test('without a right one nothing is alike; without a trajectory there is nothing to say', () => {
  expect(materialMetrics([one('a', 'x', -1, [-1])])['material/distinct_right']).toBe(0);
  expect(() => materialMetrics([])).toThrow('materialMetrics: trajectories must hold at least one, got none');
});
