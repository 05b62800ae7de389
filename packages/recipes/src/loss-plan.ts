import * as losses from '@svo/losses';
import { rftPlan } from './likelihood/rft.ts';
import type { Material, Plan } from './plan.ts';
import { groupPlan } from './policy-gradient/policy-gradient.ts';
import { pairPlan } from './preference/pair-plan.ts';
import { responsePairs } from './preference/pairs.ts';
import type { ManifestLoss } from './shared/any-loss.ts';
import { unpairedPlan } from './unpaired/unpaired-plan.ts';

/** What a loss's inputs must be among for a family's wiring to know them all. */
const known: Readonly<Record<string, readonly string[]>> = {
  preference: [
    ...['policyChosenLogps', 'policyRejectedLogps', 'referenceChosenLogps', 'referenceRejectedLogps'],
    ...['chosenLengths', 'rejectedLengths', 'chosenValues', 'rejectedValues'],
  ],
  unpaired: ['policyLogps', 'referenceLogps', 'labels', 'policyKlLogps', 'referenceKlLogps'],
  'policy-gradient': ['policyLogps', 'behaviorLogps', 'advantages', 'mask'],
};

/** Whether the wiring of its family has all that a loss needs. */
const wired = ({ manifest }: ManifestLoss): boolean =>
  Object.entries(manifest.inputs).every(
    ([name, { optional }]) => optional || (known[manifest.family]?.includes(name) ?? false),
  );

const nameOf = ({ manifest }: ManifestLoss): string =>
  manifest.name.replace(/Loss$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const byName: ReadonlyMap<string, ManifestLoss> = new Map(
  Object.values(losses as unknown as Readonly<Record<string, Partial<ManifestLoss>>>)
    .filter((each): each is ManifestLoss => each?.manifest !== undefined)
    .filter(wired)
    .map((loss) => [nameOf(loss), loss]),
);

/**
 * Losses of `@svo/losses` that have a plan by their manifest: over pairs (`ipo`, `simpo`, …), over labelled completions, and
 * over advantages of groups (`dapo`, `gspo`, …).
 *
 * @example
 * ```ts
 * import { lossNames } from '@svo/recipes';
 * ['ipo', 'simpo', 'apo-zero', 'dapo'].every((name) => lossNames.includes(name)); // => true
 * ```
 */
export const lossNames: readonly string[] = [...byName.keys()];

/** The loss of a name of {@link lossNames}. */
export const lossNamed = (name: string): ManifestLoss | undefined => byName.get(name);

/**
 * A training under any loss whose manifest says which inputs it takes: those over pairs learn from the material's pairs and from right
 * against wrong responses, those over labelled completions from these, policy gradients from trajectories against the others
 * of their question. `settings.beta` is the loss's β, where it has one.
 *
 * @param options further options of the loss, such as SimPO's `margin`
 * @throws RangeError for a loss whose inputs no wiring knows
 * @example
 * ```ts
 * import { simpoLoss } from '@svo/losses';
 * import { causalLm, characterTokenizer } from '@svo/models';
 * import { defaultSettings, lossPlan } from '@svo/recipes';
 * const tokenizer = { ...characterTokenizer('0123456789+=? '), padId: 0 };
 * const sizes = { vocab_size: 20, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
 * const lm = causalLm({ model_type: 'llama', ...sizes });
 * const pairs = [{ questionId: 'q', prompt: '2+3=?', chosen: '5', rejected: '6' }];
 * const settings = { ...defaultSettings.dpo, beta: 2, batchSize: 1, updates: 3 };
 * const material = { learner: { lm, tokenizer }, trees: [], trajectories: [], pairs, reference: lm.init(1), settings, seed: 1 };
 * (await lossPlan(simpoLoss, material, { margin: 1 })).updates; // => 3
 * ```
 */
export async function lossPlan(loss: ManifestLoss, material: Material, options: object = {}): Promise<Plan<object>> {
  const { family, name } = loss.manifest;
  if (name === 'sftLoss') return rftPlan(material) as Plan<object>;
  if (wired(loss) && family === 'preference')
    return (await pairPlan(material, responsePairs(material), loss, options)) as unknown as Plan<object>;
  if (wired(loss) && family === 'unpaired')
    return (await unpairedPlan('lossPlan', material, loss, options)) as unknown as Plan<object>;
  if (wired(loss) && family === 'policy-gradient')
    return (await groupPlan(material, loss, options)) as unknown as Plan<object>;
  throw new RangeError(
    `lossPlan: loss must be one of ${lossNames.join(', ')}, got ${name} (write its plan: batches and a loss of a batch)`,
  );
}
