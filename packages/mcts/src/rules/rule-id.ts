import { firstPlayLoss, firstPlayParent, firstPlayZero } from './first-play.ts';
import { meanTokenProb, sumLogProb, uniformPrior } from './prior.ts';

/** This package's own rules that are plain functions. A function's name is no id: two of one name may do different things. */
const KNOWN: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [firstPlayZero, 'firstPlayZero'],
  [firstPlayParent, 'firstPlayParent'],
  [firstPlayLoss, 'firstPlayLoss'],
  [meanTokenProb, 'meanTokenProb'],
  [sumLogProb, 'sumLogProb, relative to the likeliest sibling'],
  [uniformPrior, 'uniformPrior'],
]);

/** The id of a rule or a judge: the one it declares (`id`), or this package's; `null` where nothing can be known. */
export function ruleId(rule: object): string | null {
  if ('id' in rule && typeof rule.id === 'string') return rule.id;
  return KNOWN.get(rule) ?? null;
}

/** A rule with an id; without one where it holds a part that has none. */
export function withRuleId<Rule extends object>(rule: Rule, id: string | null): Rule {
  return id === null ? rule : Object.assign(rule, { id });
}
