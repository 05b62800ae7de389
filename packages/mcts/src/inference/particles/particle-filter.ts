import {
  assertCounts,
  assertOptions,
  createRng,
  initialState,
  integer,
  type Policy,
  type Question,
  type Rng,
  splitRng,
  uniforms,
  type ValueModel,
} from '@svo/mdp';
import { defaults } from '../../defaults.ts';
import { isLoss } from '../../search/tell/faults.ts';
import { noUsage, type Usage } from '../../tree/tree.ts';
import { type Decoded, type Response, rankResponses, responseOf } from '../decoded.ts';
import { scoredSteps } from '../scored-steps.ts';
import type { Stepped } from '../stepped.ts';
import type { Temperature } from './annealing.ts';
import { multinomialResampling, type Resampling } from './resampling.ts';
import { valueLogit } from './value-logit.ts';

/** What particle filtering needs. */
export interface ParticleFilterOptions {
  readonly question: Question;
  readonly policy: Policy;
  /** Weighs the prefixes. */
  readonly valueModel: ValueModel;
  /** How many particles: 8. */
  readonly particles?: number;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  /** A particle's log-weight from its value: {@link valueLogit} of ±1 by default, `valueLogit({ low: 0, high: 1 })` for probabilities. */
  readonly logWeight?: (value: number) => number;
  /** Which particles go on: {@link multinomialResampling}. */
  readonly resample?: Resampling;
  /** By how much log-weights are divided before: 1; see {@link entropicAnnealing}. */
  readonly temperature?: Temperature;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

interface Particle extends Stepped {
  readonly value: number;
  readonly logWeight: number;
}

/**
 * Particle filtering (Puri et al., 2502.01618; its_hub): every particle takes a step, a value model weighs it, and particles are drawn anew by their
 * weights, softmax of log w / T. Those that have answered keep their weight and are drawn like the others. Unlike a beam it keeps what is
 * likely in proportion to how likely it is, so that a value model that errs early costs less.
 *
 * A step that was cut off, or that is none, leaves its particle without weight; one that a server's faults kept from coming, three times in a row, as
 * well, and it is `lost`.
 *
 * @returns all particles by value, each as often as it was drawn: they can vote (`majorityVote`)
 * @throws RangeError when a setting is no positive integer, a rule gives what it must not, or the value model something else than numbers
 * @example
 * ```ts
 * import type { Policy, ValueModel } from '@svo/mdp';
 * import { particleFilter } from '@svo/mcts';
 * const policy: Policy = {
 *   id: 'digits',
 *   propose: async ({ state, seed }) => [{ text: `${seed % 3}`, count: 1, finish: state.steps.length < 2 ? 'step' : 'answer' }],
 * };
 * const values: ValueModel['values'] = async (states) => states.map(({ state }) => state.steps.filter((step) => step === '2').length - 1.5);
 * const question = { id: 'q', prompt: '?' };
 * const found = await particleFilter({ question, policy, valueModel: { id: 'twos', values }, particles: 32, logWeight: (v) => 3 * v });
 * [found.best!.text, found.responses.length, found.cost.requests]; // => ['222', 32, 96]
 * ```
 */
export async function particleFilter(options: ParticleFilterOptions): Promise<Decoded> {
  assertOptions('particleFilter', options, [
    'question',
    'policy',
    'valueModel',
    'particles',
    'depth',
    'logWeight',
    'resample',
    'temperature',
    'seed',
    'signal',
  ]);
  const { question, particles: count = 8, depth = defaults.depth, seed = 0 } = options;
  const { resample = multinomialResampling, temperature = () => 1 } = options;
  assertCounts('particleFilter', { particles: count, depth });
  const rng = splitRng(splitRng(createRng(seed), 'particles'), question.id);
  const cost = noUsage();
  const lost: Response[] = [];
  const first = { state: initialState(question), value: Number.NaN, logWeight: 0, ended: false, finished: false };
  let particles: readonly Particle[] = Array.from({ length: count }, () => first);
  for (let t = 1; t <= depth && particles.some(({ ended }) => !ended); t++) {
    const own = splitRng(rng, t);
    const moved = await propagate(options, particles, splitRng(own, 'steps'), cost, lost);
    const weights = softmax(moved.map(({ logWeight }) => logWeight));
    if (weights === undefined) {
      particles = moved;
      break;
    }
    const divisor = temperature(weights, t, depth);
    if (!(divisor >= 1 && Number.isFinite(divisor)))
      throw new RangeError(`particleFilter: temperature must give a finite number ≥ 1, got ${divisor}`);
    const annealed = divisor === 1 ? weights : softmax(moved.map(({ logWeight }) => logWeight / divisor))!;
    const chosen = resample(annealed, uniforms(splitRng(own, 'resampling'), count));
    if (chosen.length !== count || chosen.some((k) => moved[k] === undefined))
      throw new RangeError(`particleFilter: resample must give ${count} indices below ${count}, got [${chosen}]`);
    particles = chosen.map((k) => moved[k]!);
  }
  const kept = particles.filter(({ failure }) => failure === undefined || !isLoss(failure));
  const responses = rankResponses(
    kept.map(({ state, finished, value, failure }) => responseOf(state, finished, value, failure)),
  );
  return { best: responses[0], responses, lost, cost };
}

/** Every particle that is not over takes a step and is weighed. */
async function propagate(
  { question, policy, valueModel, depth = defaults.depth, logWeight = valueLogit(), signal }: ParticleFilterOptions,
  particles: readonly Particle[],
  rng: Rng,
  cost: Usage,
  lost: Response[],
): Promise<readonly Particle[]> {
  const going = particles.flatMap((particle, k) => (particle.ended ? [] : [k]));
  const from = going.map((k) => ({ state: particles[k]!.state, seed: integer(splitRng(rng, k), 2 ** 32)[0] }));
  const asked = { caller: 'particleFilter', policy, signal };
  const scored = await scoredSteps({ asked, question, valueModel, depth }, from, cost);
  const moved = [...particles];
  for (const [row, { step, score: value }] of scored.entries()) {
    const { state, failure } = step;
    if (failure !== undefined) {
      if (isLoss(failure)) lost.push(responseOf(state, false, Number.NaN, failure));
      moved[going[row]!] = { state, value, logWeight: value, ended: true, finished: false, failure };
      continue;
    }
    const weight = logWeight(value);
    if (Number.isNaN(weight) || weight === Number.POSITIVE_INFINITY)
      throw new RangeError(`particleFilter: logWeight must give a number below ∞, got ${weight} for ${value}`);
    moved[going[row]!] = { ...step, value, logWeight: weight };
  }
  return moved;
}

/** softmax, undefined where nothing has weight. */
function softmax(logWeights: readonly number[]): number[] | undefined {
  const most = Math.max(...logWeights);
  if (most === Number.NEGATIVE_INFINITY) return undefined;
  const shares = logWeights.map((x) => Math.exp(x - most));
  const total = shares.reduce((sum, x) => sum + x, 0);
  return shares.map((x) => x / total);
}
