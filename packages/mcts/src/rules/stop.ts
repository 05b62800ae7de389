import type { StopRule } from './rules.ts';

const requireCount = (name: string, count: number): void => {
  if (!(Number.isSafeInteger(count) && count > 0)) {
    throw new RangeError(`${name}: the limit must be a positive integer, got ${count}`);
  }
};

/**
 * Stops after `limit` iterations: leaves handed out, plus terminals walked into again.
 *
 * @throws RangeError when the limit is not a positive integer
 * @example
 * ```ts
 * import { createTree, maxIterations } from '@svo/mcts';
 * maxIterations(80)(createTree({ id: 'q1', prompt: '2 + 3?' })); // => false
 * ```
 */
export function maxIterations(limit: number): StopRule {
  requireCount('maxIterations', limit);
  return (tree) => tree.iterations >= limit;
}

/**
 * Stops at `limit` nodes. Leaves in flight may still add their children.
 *
 * @throws RangeError when the limit is not a positive integer
 * @example
 * ```ts
 * import { createTree, maxNodes } from '@svo/mcts';
 * maxNodes(1)(createTree({ id: 'q1', prompt: '2 + 3?' })); // => true
 * ```
 */
export function maxNodes(limit: number): StopRule {
  requireCount('maxNodes', limit);
  return (tree) => tree.size >= limit;
}

/**
 * Stops once the tree's candidates have taken `limit` tokens. Leaves in flight may still add theirs.
 *
 * @throws RangeError when the limit is not a positive integer
 * @example
 * ```ts
 * import { createTree, maxTokens } from '@svo/mcts';
 * maxTokens(10_000)(createTree({ id: 'q1', prompt: '2 + 3?' })); // => false
 * ```
 */
export function maxTokens(limit: number): StopRule {
  requireCount('maxTokens', limit);
  return (tree) => tree.usage.tokens >= limit;
}

/**
 * Stops once `count` correct terminals are found. SVPO goes on until 4.
 *
 * @throws RangeError when the count is not a positive integer
 * @example
 * ```ts
 * import { createTree, solved } from '@svo/mcts';
 * solved(4)(createTree({ id: 'q1', prompt: '2 + 3?' })); // => false
 * ```
 */
export function solved(count: number = 1): StopRule {
  requireCount('solved', count);
  return (tree) => tree.solutions >= count;
}

/**
 * Stops when any of the rules does.
 *
 * @example
 * ```ts
 * import { anyOf, createTree, maxIterations, maxNodes } from '@svo/mcts';
 * anyOf(maxIterations(80), maxNodes(1))(createTree({ id: 'q1', prompt: '2 + 3?' })); // => true
 * ```
 */
export function anyOf(...rules: readonly StopRule[]): StopRule {
  return (tree) => rules.some((rule) => rule(tree));
}

/**
 * Stops when all of the rules do.
 *
 * @example
 * ```ts
 * import { allOf, createTree, maxIterations, maxNodes } from '@svo/mcts';
 * allOf(maxIterations(80), maxNodes(1))(createTree({ id: 'q1', prompt: '2 + 3?' })); // => false
 * ```
 */
export function allOf(...rules: readonly StopRule[]): StopRule {
  if (rules.length === 0) throw new RangeError('allOf: needs at least one rule, got none (a search would never start)');
  return (tree) => rules.every((rule) => rule(tree));
}
