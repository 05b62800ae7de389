import * as losses from '@svo/losses';
import { likelihoodPlan } from './likelihood/rft.ts';
import type { Material, Plan } from './plan.ts';
import { groupPlan } from './policy-gradient/policy-gradient.ts';
import { pairPlan } from './preference/pair-plan.ts';
import { responsePairs } from './preference/pairs.ts';
import type { ManifestLoss } from './shared/any-loss.ts';
import { stepsPlan } from './steps/dvo.ts';
import { unpairedPlan } from './unpaired/unpaired-plan.ts';
import { implicitPrmPlan } from './verifiers/implicit-prm.ts';
import { valuePlan } from './verifiers/value-plan.ts';

/** What a loss's inputs must be among for a family's wiring to know them all. */
const known: Readonly<Record<string, readonly string[]>> = {
  preference: [
    ...['policyChosenLogps', 'policyRejectedLogps', 'referenceChosenLogps', 'referenceRejectedLogps'],
    ...['chosenLengths', 'rejectedLengths', 'chosenValues', 'rejectedValues'],
  ],
  unpaired: ['policyLogps', 'referenceLogps', 'labels', 'policyKlLogps', 'referenceKlLogps'],
  'policy-gradient': ['policyLogps', 'behaviorLogps', 'advantages', 'mask'],
  likelihood: ['policyLogps', 'values', 'targets', 'mask'],
  steps: ['policyLogps', 'referenceLogps', 'credits', 'mask', 'policyKlLogps', 'referenceKlLogps'],
  verifiers: ['logits', 'policyLogps', 'referenceLogps', 'targets', 'labels', 'mask'],
};

/** Whether the wiring of its family has all that a loss needs. */
const wired = ({ manifest }: ManifestLoss): boolean =>
  Object.entries(manifest.inputs).every(
    ([name, { optional }]) => optional || (known[manifest.family]?.includes(name) ?? false),
  );

/** A family's wiring; nobody looks into its batches. */
const plans: Readonly<Record<string, (material: Material, loss: ManifestLoss, options: object) => unknown>> = {
  preference: (material, loss, options) => pairPlan(material, responsePairs(material), loss, options),
  unpaired: (material, loss, options) => unpairedPlan('lossPlan', material, loss, options),
  'policy-gradient': groupPlan,
  steps: stepsPlan,
  likelihood: (material, loss, options) =>
    'values' in loss.manifest.inputs ? valuePlan(material, loss, options) : likelihoodPlan(material, loss, options),
  verifiers: (material, loss, options) =>
    'logits' in loss.manifest.inputs ? valuePlan(material, loss, options) : implicitPrmPlan(material, loss, options),
};

const nameOf = ({ manifest }: ManifestLoss): string =>
  manifest.name.replace(/Loss$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const byName: ReadonlyMap<string, ManifestLoss> = new Map(
  Object.values(losses as unknown as Readonly<Record<string, Partial<ManifestLoss>>>)
    .filter((each): each is ManifestLoss => each?.manifest !== undefined)
    .filter(wired)
    .map((loss) => [nameOf(loss), loss]),
);

/**
 * Losses of `@svo/losses` that have a plan by their manifest: over pairs (`ipo`, `simpo`, …), over labelled completions,
 * over advantages of groups (`dapo`, `gspo`, …), over credits of steps (`dvo-kto`), over texts (`sft`, `dft`), and those that make a value
 * model or a verifier of the policy (`value`, `outcome-value`, `step-bce`, `pqm`, `implicit-prm`).
 *
 * @example
 * ```ts
 * import { lossNames } from '@svo/recipes';
 * ['ipo', 'simpo', 'apo-zero', 'dapo'].every((name) => lossNames.includes(name)); // => true
 * ```
 */
export const lossNames: readonly string[] = [...byName.keys()];

/**
 * Whether what an objective leaves is a value model, and no policy any more.
 *
 * @example
 * ```ts
 * import { leavesValues } from '@svo/recipes';
 * [leavesValues('step-bce'), leavesValues('implicit-prm')]; // => [true, false]
 * ```
 */
export function leavesValues(objective: string): boolean {
  const { inputs = {} } = byName.get(objective)?.manifest ?? {};
  return inputs.values?.trained === true || inputs.logits?.trained === true;
}

/** The loss of a name of {@link lossNames}. */
export const lossNamed = (name: string): ManifestLoss | undefined => byName.get(name);

/**
 * A training under any loss whose manifest says which inputs it takes: those over pairs learn from the material's pairs and from right
 * against wrong responses, those over labelled completions from these, policy gradients from trajectories against the others
 * of their question, value losses from what is known of each step. `settings.beta` is the loss's β, where it has one.
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
  const plan = wired(loss) ? await plans[loss.manifest.family]?.(material, loss, options) : undefined;
  if (plan !== undefined) return plan as Plan<object>;
  throw new RangeError(
    `lossPlan: loss must be one of ${lossNames.join(', ')}, got ${loss.manifest.name} (write its plan: batches and a loss of a batch)`,
  );
}
