import { ruleId, withRuleId } from './rule-id.ts';
import type { StopRule } from './rules.ts';

const requireCount = (name: string, count: number): void => {
  if (!(Number.isSafeInteger(count) && count > 0)) {
    throw new RangeError(`${name}: the limit must be a positive integer, got ${count}`);
  }
};

const joinedId = (name: string, rules: readonly StopRule[]): string | null => {
  const ids = rules.map(ruleId);
  return ids.includes(null) ? null : `${name}(${ids.join(', ')})`;
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
  return withRuleId((tree) => tree.iterations >= limit, `maxIterations(${limit})`);
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
  return withRuleId((tree) => tree.size >= limit, `maxNodes(${limit})`);
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
  return withRuleId((tree) => tree.usage.tokens >= limit, `maxTokens(${limit})`);
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
  return withRuleId((tree) => tree.solutions >= count, `solved(${count})`);
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
  return withRuleId((tree) => rules.some((rule) => rule(tree)), joinedId('anyOf', rules));
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
  return withRuleId((tree) => rules.every((rule) => rule(tree)), joinedId('allOf', rules));
}
