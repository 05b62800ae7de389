/**
 * Q of an unvisited child is 0, as both papers' code has it. With rewards of ±1 it draws visits to the unseen children of a
 * losing node.
 *
 * @example
 * ```ts
 * import { firstPlayZero } from '@svo/mcts';
 * firstPlayZero(); // => 0
 * ```
 */
export function firstPlayZero(): number {
  return 0;
}

/**
 * Q of an unvisited child is its parent's value: neither hope nor fear.
 *
 * @example
 * ```ts
 * import { firstPlayParent } from '@svo/mcts';
 * firstPlayParent(-0.5); // => -0.5
 * ```
 */
export function firstPlayParent(parentValue: number): number {
  return parentValue;
}

/**
 * Q of an unvisited child is −1, a loss: the search stays with what has worked.
 *
 * @example
 * ```ts
 * import { firstPlayLoss } from '@svo/mcts';
 * firstPlayLoss(); // => -1
 * ```
 */
export function firstPlayLoss(): number {
  return -1;
}
